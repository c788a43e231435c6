// The work of a token, against counts by hand.
#include <doctest.h>

#include <headroom/headroom.hpp>

namespace headroom::test {
namespace {

// Self-attention of 98 tokens, 192 wide, 3 heads: four square projections, and for each head and
// key 64 multiply-adds for the score and 64 for the value.
constexpr Shape encoder{.model_dim = 192, .heads = 3, .max_queries = 98, .max_keys = 98};
static_assert(98 * token_cost(encoder, 98).multiply_adds() ==
              98 * 192 * 768 + 2 * 3 * 98 * 98 * 64);
static_assert(token_cost(encoder, 98).cache_bytes_read == 98 * 2 * 192 * 4);
static_assert(token_cost(encoder, 98).cache_bytes_written == 2 * 192 * 4);
static_assert(token_cost(encoder, 98).weight_bytes == (4 * 192 * 192 + 4 * 192) * 4);

// Everything of its own width, in counts that no other order of factors gives.
constexpr Shape odd{.model_dim = 11,
                    .heads = 6,
                    .kv_heads = 3,
                    .head_dim = 5,
                    .value_dim = 7,
                    .key_source_dim = 13,
                    .value_source_dim = 17,
                    .output_dim = 19,
                    .extra_key = true,
                    .window = 23,
                    .sinks = 29};
static_assert(token_cost(odd, 31).projection_multiply_adds ==
              11 * 30 + 13 * 15 + 17 * 21 + 42 * 19);
static_assert(token_cost(odd, 31).attention_multiply_adds == 6 * (31 + 1) * (5 + 7));
static_assert(token_cost(odd, 31).cache_bytes_read == 4 * 31 * 3 * (5 + 7));
static_assert(token_cost(odd, 31).cache_bytes_written == 4 * 3 * (5 + 7));
static_assert(most_keys_seen(odd) == 52);
static_assert(most_keys_seen(encoder) == 98);

// Far more than 32 bits.
constexpr Shape wide{
    .model_dim = 65536, .heads = 4096, .head_dim = 1024, .max_keys = std::int64_t{1} << 20};
static_assert(token_cost(wide, std::int64_t{1} << 20).attention_multiply_adds ==
              (std::int64_t{1} << 20) * 4096 * 2048);

TEST_CASE("cost: the parts add up") {
    const TokenCost c = token_cost(odd, 31);
    CHECK(c.multiply_adds() == c.projection_multiply_adds + c.attention_multiply_adds);
    CHECK(c.bytes() == c.weight_bytes + c.cache_bytes_read + c.cache_bytes_written);
    // Whole panels of 16 outputs, each with a bias; and the extra key and value.
    const auto panels = [](int outputs) { return (outputs + 15) / 16 * 16; };
    const int inputs = panels(30) * (11 + 1) + panels(15) * (13 + 1) + panels(21) * (17 + 1);
    CHECK(c.weight_bytes == 4 * (inputs + panels(19) * (42 + 1) + panels(15) + panels(21)));
    CHECK(token_cost(odd, 0).attention_multiply_adds == 6 * 12);  // the extra key
}

}  // namespace
}  // namespace headroom::test
