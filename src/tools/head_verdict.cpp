#include "tools/head_verdict.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "tools/head_words.hpp"

namespace headroom::tools {
namespace {

using Numbers = std::vector<std::size_t>;

constexpr std::size_t most_listed = 16;

// "2", "2 and 5", "2, 5 and 7"; runs of three and more as "2-5"; too many are only counted
std::string listed(const Numbers& numbers) {
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

template <class Is>
Numbers numbers_where(const std::vector<HeadSummary>& heads, Is is) {
    Numbers numbers;
    for (std::size_t i = 0; i < heads.size(); ++i)
        if (is(heads[i])) numbers.push_back(i);
    return numbers;
}

Numbers numbers_of_pattern(const std::vector<HeadSummary>& heads, Pattern pattern) {
    return numbers_where(heads, [=](const HeadSummary& head) { return head.pattern == pattern; });
}

// "head 2", "heads 2 and 3", "20 of 40 heads", "all 8 heads"
std::string subject(const Numbers& numbers, std::size_t heads) {
    if (numbers.size() == 1) return "head " + listed(numbers);
    const std::string all = std::to_string(heads) + " heads";
    if (numbers.size() == heads) return "all " + all;
    return numbers.size() > most_listed ? listed(numbers) + " of " + all
                                        : "heads " + listed(numbers);
}

struct IdleReason {
    Numbers heads;
    std::string one, several;
};

// Heads that rest on different keys, the first aside, are told of together.
std::vector<IdleReason> idle_reasons(const std::vector<HeadSummary>& heads) {
    const auto rest_on = [&](bool first) {
        return numbers_where(heads, [=](const HeadSummary& head) {
            return head.pattern == Pattern::rests && (head.key == 0) == first;
        });
    };
    const Numbers others = rest_on(false);
    const bool same = std::all_of(others.begin(), others.end(), [&](std::size_t i) {
        return heads[i].key == heads[others.front()].key;
    });
    const std::string other_key = others.empty() ? ""
                                  : same ? "key " + std::to_string(heads[others.front()].key)
                                         : "one key each";
    return {
        {numbers_of_pattern(heads, Pattern::even), "spreads its attention evenly",
         "spread their attention evenly"},
        {rest_on(true), "rests on the first key", "rest on the first key"},
        {others, "rests on " + other_key, "rest on " + other_key},
        {numbers_of_pattern(heads, Pattern::outside), "attends to the sink", "attend to the sink"}};
}

std::string idle_words(const std::vector<HeadSummary>& heads, const Numbers& idle) {
    std::string reasons;
    for (const auto& [these, one, several] : idle_reasons(heads)) {
        if (these.empty()) continue;
        const std::string who = these.size() < idle.size() ? listed(these)
                                : idle.size() == 1         ? "it"
                                                           : "they";
        reasons += (reasons.empty() ? "" : ", ") + who + " " + (these.size() == 1 ? one : several);
    }
    return subject(idle, heads.size()) + (idle.size() == 1 ? " is" : " are") + " idle: " + reasons;
}

// What is to be said of the heads that made no choice because there was none.
std::vector<std::string> clauses_without_choice(const std::vector<HeadSummary>& heads) {
    const std::size_t all = heads.size();
    std::vector<std::string> clauses;
    if (const Numbers none = numbers_of_pattern(heads, Pattern::not_a_number); !none.empty())
        clauses.push_back(subject(none, all) + (none.size() == 1 ? " is" : " are") +
                          " not a number: the input or the weights hold a NaN, or overflow");
    if (const Numbers blind = numbers_of_pattern(heads, Pattern::nothing); !blind.empty())
        clauses.push_back(blind.size() == all
                              ? "no head sees any key"
                              : subject(blind, all) +
                                    (blind.size() == 1 ? " sees no key" : " see no key"));
    if (const Numbers one = numbers_of_pattern(heads, Pattern::one_key); !one.empty())
        clauses.push_back(one.size() == all
                              ? "no head has a choice: each query sees one key"
                              : subject(one, all) + (one.size() == 1 ? " sees" : " see") +
                                    " only one key for each query");
    return clauses;
}

bool has_choice(const HeadSummary& head) {
    return has_numbers(head) && head.pattern != Pattern::one_key;
}

}  // namespace

std::string verdict(const std::vector<HeadSummary>& heads) {
    std::vector<std::string> clauses = clauses_without_choice(heads);
    const Numbers idle = numbers_where(heads, [](const HeadSummary& head) { return head.idle; });
    if (!idle.empty())
        clauses.push_back(idle_words(heads, idle));
    else if (!numbers_where(heads, has_choice).empty())
        clauses.emplace_back(clauses.empty() ? "no head is idle" : "no other head is idle");

    std::string line;
    for (const std::string& clause : clauses) line += (line.empty() ? "" : "; ") + clause;
    if (line.empty()) return line;
    line.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(line.front())));
    return line + ".";
}

std::string idle_definition() {
    return "A head is called idle if it makes no choice: at most " + percent(even_limit) +
           " of its attention would have to move to be spread evenly over the keys that a query "
           "may see; or at least " +
           percent(rest_limit) +
           " of it rests on one key, the same for all queries that see it (at least " +
           std::to_string(rest_queries) +
           " unless it is the first), or on a sink or extra key outside the sequence. These are "
           "means over the queries that see two keys or more.";
}

}  // namespace headroom::tools
