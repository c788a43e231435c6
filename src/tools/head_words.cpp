#include "tools/head_words.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace headroom::tools {
namespace {

std::string decimals(double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string offset_name(std::int64_t offset) {
    if (offset == 0) return "itself";
    if (offset == -1) return "previous token";
    if (offset == 1) return "next token";
    return std::to_string(std::abs(offset)) + (offset < 0 ? " tokens back" : " tokens ahead");
}

std::string key_name(std::int64_t key, const std::vector<std::string>& labels) {
    if (key == 0) return "first key";
    const std::string name = "key " + std::to_string(key);
    return labels.empty() ? name : name + " “" + labels[static_cast<std::size_t>(key)] + "”";
}

// The one aim that a head has beside others.
std::string leaning(const HeadSummary& head) {
    if (head.aim == Aim::none) return "";
    std::string what;
    if (head.aim == Aim::fixed) {
        what = head.key == 0 ? "the first key" : key_name(head.key, {});
    } else if (std::abs(head.offset) > 1) {
        what = "the token " + std::to_string(std::abs(head.offset)) +
               (head.offset < 0 ? " back" : " ahead");
    } else {
        what = (head.offset == 0 ? "" : "the ") + offset_name(head.offset);
    }
    return "; " + percent(head.aim_share) + " on " + what;
}

}  // namespace

std::string percent(double share) { return std::to_string(std::lround(share * 100.0)) + " %"; }

std::string pattern_name(const HeadSummary& head, const std::vector<std::string>& key_labels) {
    switch (head.pattern) {
        case Pattern::nothing:
            return "sees no key";
        case Pattern::not_a_number:
            return "not a number";
        case Pattern::one_key:
            return "sees only one key";
        case Pattern::outside:
            return "idle: sink";
        case Pattern::even:
            return "idle: spread evenly";
        case Pattern::rests:
            return "idle: " + key_name(head.key, key_labels);
        case Pattern::offset:
            return offset_name(head.offset);
        case Pattern::fixed:
            return key_name(head.key, key_labels);
        case Pattern::nearby:
            return "nearby tokens";
        case Pattern::few:
            return "a few keys";
        case Pattern::broad:
            return "many keys";
    }
    return "";
}

std::string pattern_detail(const HeadSummary& head) {
    switch (head.pattern) {
        case Pattern::nothing:
        case Pattern::not_a_number:
        case Pattern::one_key:
            return "";
        case Pattern::even:
            return percent(head.uneven) + " away from even";
        case Pattern::outside:
        case Pattern::rests:
        case Pattern::offset:
        case Pattern::fixed:
            return percent(head.share) + " of its attention";
        case Pattern::nearby:
            return percent(head.share) + " within " + std::to_string(nearby_tokens) + " tokens";
        case Pattern::few:
        case Pattern::broad:
            return "about " + decimals(head.share, head.share < 9.95 ? 1 : 0) + " of " +
                   decimals(head.visible, 0) + " keys" + leaning(head);
    }
    return "";
}

std::string label_of(const HeadSummary& head) {
    return head.group + (head.detail.empty() ? "" : ", ") + head.detail;
}

std::string numbers_of(const HeadSummary& head) {
    if (!has_numbers(head)) return "";
    std::string text = "Entropy " + decimals(head.entropy, 2) + " of at most " +
                       decimals(head.most_entropy, 2) + " bits.";
    if (head.largest)
        text += " Largest weight " + decimals(static_cast<double>(head.largest->weight), 3) +
                ", of query " + std::to_string(head.largest->query) + " on key " +
                std::to_string(head.largest->key) + ".";
    if (head.distance) text += " Mean distance " + decimals(*head.distance, 1) + " tokens.";
    return text;
}

}  // namespace headroom::tools
