// The list's configurations. Kinds, groups, widths and remainders go round in turns, so that each
// occurs; what else a configuration has is drawn from a seed.
#include <algorithm>

#include "bits/configuration.hpp"
#include "support/random.hpp"

namespace headroom::bits {
namespace {

using test::Random;

// Which kind stands where in each sixteen of the list.
constexpr Kind turns[16] = {Kind::attend, Kind::cached, Kind::attend, Kind::layer,
                            Kind::attend, Kind::ring,   Kind::attend, Kind::rotary,
                            Kind::attend, Kind::cached, Kind::layer,  Kind::layer_ring,
                            Kind::attend, Kind::ring,   Kind::layer,  Kind::cross};

// Multiply-adds of one configuration: a Cortex-M3 computes each in software.
constexpr std::int64_t most_work = 500'000;

class Draw {
public:
    explicit Draw(Configuration& of) : c(of), random_(of.seed) {}

    void sizes(int turn) {
        // Factors without a common divisor with the range reach all of it. Wide ones are rarer:
        // they leave room for fewer queries.
        c.key_width = turn % 3 == 2 ? turn * 11 % 80 + 1 : turn * 7 % 32 + 1;
        c.value_width = chance(40) ? c.key_width : turn * 13 % (turn % 3 == 1 ? 80 : 32) + 1;
        c.kv_heads = between(1, 3);
        c.heads = c.kv_heads * (turn % 8 + 1);
        c.keys = turn * 5 % 16 + 16 * pick({0, 1, 2, 4, 7, 7, 8, 8, 15, 24});
        c.queries = turn * 3 % 16 + 16 * pick({0, 0, 1, 2, 3}) + 1;
        c.batches = chance(30) ? 2 : 1;
        c.layout = static_cast<Layout>(between(0, 2));
        c.longest_call = pick({1, 7, 16, 50, 1000, 1000});
    }

    void visibility() {
        c.scale_64ths = chance(50) ? 0 : pick({3, 8, 19, 64, -16});
        c.causal = chance(50);
        newest_ = chance(60);  // the queries are the sequence's last tokens
        c.first_position = between(-c.queries, c.keys + 3);
        if (chance(35)) c.keys_left = between(1, c.keys + 1);
        if (chance(25)) c.keys_right = between(1, c.keys + 1);
        if (c.keys_left > 0 && chance(50)) c.sink_tokens = between(1, 20);
        c.lengths = chance(25);
        c.own_positions = c.batches > 1 && chance(40);
    }

    void features(int turn, unsigned allowed) {
        for (int bit = 0; bit < feature_bits; ++bit)
            if (chance(18)) c.features |= allowed & (1u << bit);
        // What joins the keys has an order of its own, so it must come together.
        if (turn % 7 == 6) c.features |= allowed & (sink_logits | extra_key | zero_key);
        c.stage = between(0, 3);
        c.cap_eighths = pick({4, 16, 60, 240});
        c.for_heads = chance(40);
        if (chance(15)) {
            c.poison = Poison::hidden;
            c.lengths = true;
        } else if (chance(22)) {
            c.poison = static_cast<Poison>(between(2, poisons - 1));
            c.causal = newest_ = true;  // so that some rows see it and some do not
        }
        c.in_place = c.value_width <= c.key_width && chance(25);
    }

    void ring() {
        c.batches = 1;
        c.max_queries = between(1, 24);
        c.window = chance(20) ? between(100, 140) : between(1, 50);
        c.sinks = chance(50) ? 0 : between(1, 20);
        // Twice round the slots, and some more.
        c.keys = 2 * (c.window + c.max_queries + 32) + c.sinks + between(0, 40);
        c.queries = c.keys;
        c.longest_call = c.max_queries;
        c.causal = true;
        c.first_position = 0;
        c.keys_left = chance(60) ? c.window : between(1, c.window);
        c.sink_tokens = between(0, c.sinks);
        c.lengths = false;
        if (c.poison == Poison::hidden) c.poison = Poison::value_nan;
    }

    void rotary() {
        c.rotary_dim = 2 * between(2, std::max(2, c.key_width / 2));
        c.pairs = between(0, 1);
        c.scaling = between(0, 3);
        c.base = pick({10000, 500, 1000000});
        c.factor = c.scaling == 0 ? 1 : pick({2, 4, 10});
        c.original_positions = pick({16, 64, 2048});
        c.attention_factor_8ths = chance(30) ? 10 : 0;
        c.first_row = pick({0, 0, -40, 70000});
    }

    void layer(int turn) {
        c.batches = 1;
        c.layout = chance(30) ? Layout::gaps : Layout::tokens;  // between rows
        c.own_positions = false;
        c.key_width = turn % 4 == 3 ? 64 + turn % 17 : turn * 7 % 24 + 1;
        c.value_width = chance(50) ? c.key_width : turn * 13 % 32 + 1;
        if (c.key_width < 4) c.features &= ~(tables | computed);
        c.kv_heads = between(1, 2);
        c.heads = c.kv_heads * (turn % 8 + 1);
        c.model_dim = turn * 5 % 48 + 1;
        c.output_dim = chance(50) ? c.model_dim : turn * 19 % 48 + 1;
        c.in_place = c.output_dim == c.model_dim && chance(40);
        c.key_source_dim = c.value_source_dim = c.model_dim;
        c.extra_in_weights = chance(20);
        c.features &= ~extra_key;
        if (c.has(tables) && c.has(computed)) c.features &= ~(turn % 2 ? tables : computed);
        c.biases = static_cast<unsigned>(between(0, 15));
        c.max_queries = pick({1, 5, 16, 40});
        c.sinks = c.window = 0;
        if (c.has(tables) || c.has(computed)) rotary();
        c.first_row = 0;
    }

    // Less of everything in turns, until the work is bounded.
    void bound_work() {
        for (int i = 0; expected_cost(c) > most_work; ++i) {
            const int what = i % 4;
            if (what == 0 && c.kv_heads > 1) {
                c.heads -= c.heads / c.kv_heads--;
            } else if (what == 1 && c.is_ring() && i > 40) {
                c.window = std::max(1, c.window - c.window / 8);
                c.keys_left = std::min(c.keys_left, c.window);
            } else if (what == 2 && c.is_ring()) {
                const int least = 2 * (c.window + c.max_queries + 32) + c.sinks;
                c.queries = c.keys = std::max(least, c.keys - 8);
            } else if (what < 3 && !c.is_ring() && c.queries > 2) {
                c.queries -= (c.queries + 15) / 16;
            } else if (what == 3 && i > 20 && c.heads > 2 * c.kv_heads) {
                c.heads -= c.kv_heads;
            } else if (what == 3 && i > 60) {
                c.key_width = std::max(1, c.key_width - 1);
                c.value_width = std::max(1, c.value_width - 1);
            }
        }
        if (newest_ && !c.is_ring()) c.first_position = c.keys - c.queries;
        if (c.has(tables) || c.has(computed)) c.first_position = std::max(0, c.first_position);
    }

    int between(int low, int high) { return random_.between(low, high); }
    bool chance(int percent) { return between(1, 100) <= percent; }
    int pick(std::initializer_list<int> of) { return random_.pick(of); }

    Configuration& c;

private:
    Random random_;
    bool newest_ = false;
};

constexpr unsigned for_attend = softcap | alibi | bias | mask | sink_logits | extra_key | zero_key |
                                kept_heads | weights | statistics | executor;
constexpr unsigned for_layers = (for_attend & ~extra_key) | tables | computed;

// The two cases of attend() that no dice would throw: the one shape that has a kernel of its own,
// and no keys at all.
void make_special(Configuration& c, int turn) {
    if (turn == 15 || turn == 31) {
        c = {.index = c.index,
             .seed = c.seed,
             .batches = 2,
             .queries = 16,
             .keys = 16,
             .heads = turn == 15 ? 4 : 3,
             .kv_heads = turn == 15 ? 2 : 3,
             .key_width = 16,
             .value_width = 16,
             .layout = c.layout,
             .longest_call = 16};
    } else if (turn == 47) {
        c.keys = 0;
        c.first_position = 0;
        c.poison = Poison::none;
        c.keys_left = c.keys_right = c.sink_tokens = 0;
    }
}

void draw_layer(Draw& draw, int turn) {
    Configuration& c = draw.c;
    draw.layer(turn);
    if (c.kind == Kind::layer_ring) draw.ring();
    if (c.kind == Kind::cross) {
        if (draw.chance(60)) c.key_source_dim = turn * 9 % 40 + 1;
        if (draw.chance(60)) c.value_source_dim = turn * 23 % 40 + 1;
        c.longest_call = draw.pick({3, 16, 1000});
    } else if (c.kind == Kind::layer) {
        c.keys = std::max(1, c.keys);
        if (c.keys > 150) c.keys = c.keys % 150 + 1;
        c.queries = c.keys;
        c.causal = draw.chance(70);
        c.longest_call = draw.pick({1, 16, 60, 1000});
    } else {
        c.longest_call = draw.pick({1, c.max_queries, 3 * c.max_queries});
    }
}

// What bounding the work may have left behind.
void make_consistent(Configuration& c) {
    if (c.kind == Kind::layer) c.keys = c.queries;
    if (c.kind == Kind::layer) c.keys_left = std::min(c.keys_left, c.keys);
    c.dropped = std::min(c.dropped, c.keys - 1);
    c.rotary_dim = std::min(c.rotary_dim, c.key_width / 2 * 2);
    if (c.rotary_dim < 4) {
        c.features &= ~(tables | computed);
        c.rotary_dim = 0;
    }
}

}  // namespace

Configuration draw(int index) {
    Configuration c;
    c.index = index;
    c.kind = turns[index % 16];
    c.seed = (static_cast<std::uint64_t>(index) + 1) * 1'000'003;  // neighbours share no draws
    // How many of this kind came before: what goes round, goes round within a kind.
    int turn = 0;
    for (int i = 0; i < index; ++i) turn += turns[i % 16] == c.kind ? 1 : 0;

    Draw draw(c);
    draw.sizes(turn);
    draw.visibility();
    draw.features(turn, c.is_layer() ? for_layers : for_attend);
    c.dropped = draw.between(1, 9);
    if (c.is_layer()) draw_layer(draw, turn);
    if (c.kind == Kind::attend) make_special(c, turn);
    if (c.kind == Kind::cached) c.batches = 1, c.own_positions = false;
    if (c.kind == Kind::ring) draw.ring();
    if (c.kind == Kind::rotary) {
        c.key_width += 3;
        draw.rotary();
        c.features = 0;
        c.poison = Poison::none;
        c.scaling = turn % 4;
        c.pairs = turn / 4 % 2;
    }
    draw.bound_work();
    make_consistent(c);
    return c;
}

}  // namespace headroom::bits
