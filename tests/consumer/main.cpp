// What a program that uses headroom looks like: one query attends to two keys.
#include <cstddef>
#include <cstdio>

#include <headroom/headroom.hpp>

int main() {
    constexpr headroom::AttendShape shape{
        .max_queries = 1, .heads = 1, .kv_heads = 1, .key_width = 2, .value_width = 2};
    alignas(64) static std::byte scratch[headroom::scratch_bytes(shape)];

    const float query[] = {1.0f, 0.0f};
    const float key[] = {1.0f, 0.0f, 1.0f, 5.0f};  // equal scores, so equal weights
    const float value[] = {2.0f, 4.0f, 4.0f, 8.0f};
    float out[2] = {};
    const headroom::Result result =
        headroom::attend(headroom::best_port(), headroom::token_major(query, 1, 1, 2),
                         headroom::token_major(key, 2, 1, 2), headroom::token_major(value, 2, 1, 2),
                         headroom::token_major(out, 1, 1, 2), scratch);

    std::printf("headroom %d.%d.%d, %s: %s, %g %g\n", headroom::version_major,
                headroom::version_minor, headroom::version_patch, headroom::best_port().name,
                headroom::describe(result.status), static_cast<double>(out[0]),
                static_cast<double>(out[1]));
    return result.ok() && out[0] == 3.0f && out[1] == 6.0f ? 0 : 1;
}
