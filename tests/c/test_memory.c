// The views, element by element.
#include "c/check.h"

static float data[120];

// The place of an element, as the comment at hr_tensor gives it.
static ptrdiff_t place(const hr_const_tensor* t, int b, int token, int head, int c) {
    return b * t->batch_stride + token * t->token_stride + head * t->head_stride + c;
}

static void check_view(hr_const_tensor t, bool head_major) {
    CHECK(t.data == data && t.count == 120);
    CHECK(t.batches == 2 && t.tokens == 3 && t.heads == 4 && t.width == 5);
    ptrdiff_t next = 0;  // of the elements in the order of memory
    for (int b = 0; b < 2; ++b)
        for (int outer = 0; outer < (head_major ? 4 : 3); ++outer)
            for (int inner = 0; inner < (head_major ? 3 : 4); ++inner)
                for (int c = 0; c < 5; ++c)
                    CHECK(place(&t, b, head_major ? inner : outer, head_major ? outer : inner, c) ==
                          next++);
}

static hr_const_tensor read_only(hr_tensor t) {
    const hr_const_tensor same = {t.data,  t.count,        t.batches,      t.tokens,     t.heads,
                                  t.width, t.batch_stride, t.token_stride, t.head_stride};
    return same;
}

void test_hr_token_major(void) {
    check_view(read_only(hr_token_major(data, 120, 2, 3, 4, 5)), false);
}
void test_hr_const_token_major(void) {
    check_view(hr_const_token_major(data, 120, 2, 3, 4, 5), false);
}
void test_hr_head_major(void) { check_view(read_only(hr_head_major(data, 120, 2, 4, 3, 5)), true); }
void test_hr_const_head_major(void) {
    check_view(hr_const_head_major(data, 120, 2, 4, 3, 5), true);
}

void test_hr_rows_of(void) {
    const hr_rows rows = hr_rows_of(data, 120, 8, 15);
    CHECK(rows.data == data && rows.count == 120);
    CHECK(rows.rows == 8 && rows.width == 15 && rows.stride == 15);
}

void test_hr_const_rows_of(void) {
    const hr_const_rows rows = hr_const_rows_of(data, 120, 8, 15);
    CHECK(rows.data == data && rows.count == 120);
    CHECK(rows.rows == 8 && rows.width == 15 && rows.stride == 15);
}

void test_hr_bytes(void) {
    const hr_memory memory = hr_bytes(data, sizeof data);
    CHECK(memory.data == data && memory.bytes == sizeof data);
}

void test_hr_const_bytes(void) {
    const hr_const_memory memory = hr_const_bytes(data, sizeof data);
    CHECK(memory.data == data && memory.bytes == sizeof data);
}
