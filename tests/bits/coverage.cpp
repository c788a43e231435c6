#include "bits/coverage.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headroom::bits {

void Coverage::see(const char* group, int which, int members) {
    int at = 0;
    while (at < count_ && std::strcmp(groups_[at].name, group) != 0) ++at;
    if (at == most_groups || members > most_members) std::abort();
    if (at == count_) groups_[count_++] = {group, members, {}};
    if (which >= 0 && which < members) ++groups_[at].seen[which];
}

void Coverage::note_sizes(const Configuration& c) {
    see("keys mod 16", c.keys % 16, 16);
    see("queries mod 16", c.queries % 16, 16);
    see("key width mod 16", c.key_width % 16, 16);
    see("value width mod 16", c.value_width % 16, 16);
    see("query heads of a key head", c.heads / c.kv_heads - 1, 8);
    see("key heads", c.kv_heads - 1, 3);
    see("key width of 65 to 80", c.key_width > 64);
    see("value width of 65 to 80", c.value_width > 64);
    see("value wider than key", c.value_width > c.key_width);
    see("value narrower than key", c.value_width < c.key_width);
    see("last key before, at, after a block's edge", (c.keys + 1) % 128, 3);
    see("more than three blocks of keys", c.keys > 3 * 128);
    see("no keys", c.keys == 0);
    see("two batches", c.batches == 2);
}

void Coverage::note_features(const Configuration& c) {
    const bool layer = c.is_layer();
    for (int bit = 0; bit < feature_bits; ++bit) {
        if ((c.features & (1u << bit)) == 0) continue;
        if (layer) see("features of layers, extra key aside", bit < 5 ? bit : bit - 1, 12);
        if (!layer) see("features of attend()", bit, 11);
    }
    see("extra key in a layer's weights", c.extra_in_weights);
    see("stages", c.has(weights) ? c.stage : -1, 4);
    if (c.kind == Kind::rotary) see("rotary pairs and scalings", c.pairs * 4 + c.scaling, 8);
    if (layer && c.rotary_dim > 0) {
        see("scalings of layers", c.scaling, 4);
        see("pairs of layers, by tables or computed", c.pairs * 2 + c.has(tables), 4);
        see("partial rotary", c.rotary_dim < c.key_width);
    }
    see("poison", static_cast<int>(c.poison), poisons);
    see("poison in a ring", c.is_ring() && c.poison != Poison::none);
    see("no features", c.features == 0);
}

void Coverage::note(const Configuration& c, const Record& record) {
    see("kinds", static_cast<int>(c.kind), kinds);
    if (c.kind != Kind::rotary) note_sizes(c);
    note_features(c);
    see("layouts", static_cast<int>(c.layout), 3);
    see("windows: left, right, both",
        c.keys_left > 0 ? (c.keys_right > 0 ? 2 : 0) : (c.keys_right > 0 ? 1 : -1), 3);
    see("sink tokens", c.sink_tokens > 0);
    see("causal and not", c.causal, 2);
    see("queries before the keys", c.first_position < 0);
    see("lengths", c.lengths);
    see("positions of their own", c.own_positions);
    see("negative scale", c.scale_64ths < 0);
    see(c.kind == Kind::rotary ? "rotation in place and not" : "in place and not", c.in_place, 2);
    see("token by token", c.longest_call == 1);
    see("in one call", c.longest_call >= c.queries);
    const bool poisoned = record.poisoned_rows > 0, plain = record.plain_rows > 0;
    see("rows of zeros", record.zero_rows > 0);
    const bool beside = c.poison != Poison::none && poisoned && plain;
    const int poison = beside ? static_cast<int>(c.poison) : 0;
    if (c.is_layer()) see("poison beside numbers in layers", poison - 1, 6);
    if (!c.is_layer()) see("poison beside numbers", poison - 2, 5);
    if (c.poison == Poison::hidden && !c.is_layer()) {
        see("hidden poison", true);
        if (poisoned) shows_hidden_ = true;
    }
    // A ring's slots: the sinks' panels and the window's, see storage_of().
    see("a ring goes round twice",
        c.is_ring() && c.keys > 2 * (c.window + c.max_queries + 13 + 16) + c.sinks);
}

bool Coverage::complete() const {
    bool complete = count_ > 0 && !shows_hidden_;
    if (count_ == 0) std::printf("# no port ran the list\n");
    if (shows_hidden_) std::printf("# poison that nobody may see shows in an output\n");
    for (int i = 0; i < count_; ++i) {
        for (int member = 0; member < groups_[i].members; ++member) {
            if (groups_[i].seen[member] > 0) continue;
            std::printf("# the list lacks: %s [%d]\n", groups_[i].name, member);
            complete = false;
        }
    }
    return complete;
}

}  // namespace headroom::bits
