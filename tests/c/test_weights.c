// Packing weights and recognising them.
#include "c/check.h"

static const hr_shape shape = {.model_dim = 6, .heads = 2, .max_keys = 4};
HR_ALIGNED static unsigned char blob[HR_WEIGHTS_BYTES(6, 2, 2, 3, 3, 6, 6, 6, 0)];
static float numbers[36];

static hr_tensors some(void) {
    const hr_floats matrix = {numbers, 36};
    const hr_tensors tensors = {.query_weight = matrix,
                                .key_weight = matrix,
                                .value_weight = matrix,
                                .output_weight = matrix,
                                .output_bias = {numbers, 6}};
    for (int i = 0; i < 36; ++i) numbers[i] = (float)i;
    return tensors;
}

void test_hr_pack_weights(void) {
    const hr_memory to = hr_bytes(blob, sizeof blob);
    hr_tensors tensors = some();
    memset(blob, 0x5a, sizeof blob);
    CHECK_REFUSED(hr_pack_weights(NULL, &tensors, to), HR_BAD_SHAPE, 1);
    CHECK_REFUSED(hr_pack_weights(&shape, NULL, to), HR_BAD_SHAPE, 2);
    CHECK_REFUSED(hr_pack_weights(&shape, &tensors, hr_bytes(blob, sizeof blob - 1)), HR_TOO_SMALL,
                  3);
    CHECK_REFUSED(hr_pack_weights(&shape, &tensors, hr_bytes(NULL, sizeof blob)), HR_TOO_SMALL, 3);
    CHECK_REFUSED(hr_pack_weights(&shape, &tensors, hr_bytes(blob + 4, sizeof blob)), HR_MISALIGNED,
                  3);
    tensors.key_weight.data = NULL;
    CHECK_REFUSED(hr_pack_weights(&shape, &tensors, to), HR_BAD_SHAPE, 2);
    tensors = some();
    tensors.extra_key = tensors.output_bias;  // the shape has none
    CHECK_REFUSED(hr_pack_weights(&shape, &tensors, to), HR_BAD_SHAPE, 2);
    tensors = some();
    tensors.value_weight.data = (const float*)(const void*)blob;
    CHECK_REFUSED(hr_pack_weights(&shape, &tensors, to), HR_OVERLAP, 3);
    for (size_t i = 0; i < sizeof blob; ++i) CHECK(blob[i] == 0x5a);
    tensors = some();
    CHECK_OK(hr_pack_weights(&shape, &tensors, to));
    CHECK(memcmp(blob, "HRW1", 4) == 0);
}

void test_hr_check_weights(void) {
    const hr_tensors tensors = some();
    const hr_const_memory from = hr_const_bytes(blob, sizeof blob);
    hr_shape other = shape;
    other.output_dim = 5;
    CHECK_OK(hr_pack_weights(&shape, &tensors, hr_bytes(blob, sizeof blob)));
    CHECK_OK(hr_check_weights(&shape, from));
    CHECK_REFUSED(hr_check_weights(NULL, from), HR_BAD_SHAPE, 1);
    CHECK_REFUSED(hr_check_weights(&shape, hr_const_bytes(NULL, sizeof blob)), HR_TOO_SMALL, 2);
    CHECK_REFUSED(hr_check_weights(&shape, hr_const_bytes(blob, 64)), HR_TOO_SMALL, 2);
    CHECK_REFUSED(hr_check_weights(&shape, hr_const_bytes(blob + 4, sizeof blob)), HR_MISALIGNED,
                  2);
    CHECK_REFUSED(hr_check_weights(&other, from), HR_BAD_WEIGHTS, 2);
    blob[sizeof blob - 1] ^= 1;
    CHECK_REFUSED(hr_check_weights(&shape, from), HR_BAD_CHECKSUM, 2);
}
