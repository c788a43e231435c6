#include "tools/head_words.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace headroom::tools {
namespace {

std::string percent(double share) { return std::to_string(std::lround(share * 100.0)) + " %"; }

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

constexpr std::size_t most_listed = 16;

// "2", "2 and 5", "2, 5 and 7"; runs of three and more as "2-5"; too many are only counted
std::string listed(const std::vector<std::size_t>& numbers) {
    if (numbers.size() > most_listed) return std::to_string(numbers.size());
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        const bool run = last - i >= 2;
        parts.push_back(std::to_string(numbers[i]));
        if (run) parts.back() += "-" + std::to_string(numbers[last]);
        i = run ? last + 1 : i + 1;
    }
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    return text;
}

std::string key_name(std::int64_t key, const std::vector<std::string>& labels) {
    if (key == 0) return "first key";
    const std::string name = "key " + std::to_string(key);
    return labels.empty() ? name : name + " “" + labels[static_cast<std::size_t>(key)] + "”";
}

struct IdleReason {
    Pattern pattern;
    const char *one, *several;
};
constexpr IdleReason idle_reasons[] = {
    {Pattern::even, "spreads its attention evenly", "spread their attention evenly"},
    {Pattern::rests, "rests on the first key", "rest on the first key"},
    {Pattern::outside, "attends to the sink", "attend to the sink"},
};

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
            return "idle: first key";
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

std::string idle_line(const std::vector<HeadSummary>& heads) {
    std::vector<std::size_t> idle;
    for (std::size_t i = 0; i < heads.size(); ++i)
        if (heads[i].idle) idle.push_back(i);
    if (idle.empty()) return "No head is idle.";

    std::string reasons;
    for (const auto& [pattern, one, several] : idle_reasons) {
        std::vector<std::size_t> of_pattern;
        for (const std::size_t i : idle)
            if (heads[i].pattern == pattern) of_pattern.push_back(i);
        if (of_pattern.empty()) continue;
        const std::string who = of_pattern.size() < idle.size() ? listed(of_pattern)
                                : idle.size() == 1              ? "it"
                                                                : "they";
        reasons +=
            (reasons.empty() ? "" : ", ") + who + " " + (of_pattern.size() == 1 ? one : several);
    }
    std::string who = (idle.size() == 1 ? "Head " : "Heads ") + listed(idle);
    if (idle.size() == heads.size() && idle.size() > 1)
        who = "All heads";
    else if (idle.size() > most_listed)
        who = listed(idle) + " of " + std::to_string(heads.size()) + " heads";
    return who + (idle.size() == 1 ? " is idle: " : " are idle: ") + reasons + ".";
}

std::string idle_definition() {
    return "A head is called idle if it makes no choice: at most " + percent(even_limit) +
           " of its attention would have to move to be spread evenly over the keys that a query "
           "may see; or at least " +
           percent(rest_limit) +
           " of it rests on the first key, or on a sink or extra key outside the sequence. These "
           "are means over the queries that see two keys or more.";
}

std::string numbers_of(const HeadMaps& maps, const HeadSummary& summary, std::int64_t head) {
    const HeadStatistics& statistics = maps.statistics[static_cast<std::size_t>(head)];
    if (statistics.rows == 0 || summary.pattern == Pattern::not_a_number) return "";
    std::string text = "Entropy " + decimals(summary.entropy, 2) + " of at most " +
                       decimals(summary.most_entropy, 2) + " bits.";
    if (statistics.key >= 0)
        text += " Largest weight " + decimals(static_cast<double>(statistics.largest_weight), 3) +
                ", of query " + std::to_string(statistics.query) + " on key " +
                std::to_string(statistics.key) + ".";
    if (summary.distance) text += " Mean distance " + decimals(*summary.distance, 1) + " tokens.";
    return text;
}

}  // namespace headroom::tools
