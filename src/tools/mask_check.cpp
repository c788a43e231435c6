#include "tools/mask_check.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "tools/names.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

// Queries, each counted once for every head whose mask is its own.
struct Sight {
    Index heads = 1;       // whose masks are their own
    Index rows = 0;        // all
    Index would_see = 0;   // see a key without the mask,
    Index blind = 0;       // and none with it
    Index own = 0;         // see their own key without the mask,
    Index own_hidden = 0;  // and not with it
};

// The keys that a query may see, masks aside: the first `sinks`, and from `begin` up to `end`.
struct Interval {
    Index sinks, begin, end;
};

Interval interval(const Attention& how, std::int64_t position, std::int64_t keys) {
    constexpr std::int64_t far = std::int64_t{1} << 61;  // the library's bound of positions
    const std::int64_t end = how.causal ? std::clamp<std::int64_t>(position + 1, 0, keys) : keys;
    Interval seen{std::min(how.sink_tokens, end), 0, end};
    if (how.window_left >= 0)
        seen.begin = std::max<std::int64_t>(0, position - std::min(how.window_left, far));
    if (how.window_right >= 0) {
        seen.end = std::clamp<std::int64_t>(position + std::min(how.window_right, far) + 1, 0, end);
    }
    return seen;
}

bool hides(bool visible) { return !visible; }
bool hides(float bias) { return bias == -std::numeric_limits<float>::infinity(); }

template <class T>
void look_at_row(Sight& sight, const Interval& seen, std::int64_t position, const T* row,
                 Index mask_keys) {
    const auto hidden = [&](Index begin, Index end) {
        end = std::min(end, mask_keys);  // a shorter mask hides the rest
        return begin >= end ||
               std::all_of(row + begin, row + end, [](T element) { return hides(element); });
    };
    const auto within = [&](Index key) {
        return key >= 0 && (key < seen.sinks || (key >= seen.begin && key < seen.end));
    };
    ++sight.rows;
    if (seen.sinks > 0 || seen.begin < seen.end) {
        ++sight.would_see;
        sight.blind += hidden(0, seen.sinks) && hidden(seen.begin, seen.end);
    }
    if (within(position)) {
        ++sight.own;
        sight.own_hidden += hidden(position, position + 1);
    }
}

template <class T>
Sight look(const AttendProblem& problem, const Mask<T>& mask) {
    const Attention& how = problem.how;
    Sight sight;
    if (mask.head_stride != 0) sight.heads = problem.query.heads;
    for (Index b = 0; b < problem.query.batches; ++b) {
        const auto batch = static_cast<std::size_t>(b);
        const std::int64_t first =
            how.first_positions.empty() ? how.first_position : how.first_positions[batch];
        const std::int64_t keys =
            how.valid_keys.empty() ? problem.key.tokens : how.valid_keys[batch];
        for (Index h = 0; h < sight.heads; ++h)
            for (Index i = 0; i < problem.query.tokens; ++i) {
                const Index at =
                    b * mask.batch_stride + h * mask.head_stride + i * mask.query_stride;
                look_at_row(sight, interval(how, first + i, keys), first + i, mask.data.data() + at,
                            mask.keys);
            }
    }
    return sight;
}

bool holds_only_0_and_1(std::span<const float> values) {
    return std::find(values.begin(), values.end(), 1.0f) != values.end() &&
           std::all_of(values.begin(), values.end(), [](float x) { return x == 0 || x == 1; });
}

std::string short_mask_note(const std::string& name, Index mask_keys, Index keys) {
    const Index rest = keys - mask_keys;
    return name + " has " + counted(mask_keys, "key") + ", the other " +
           (rest == 1 ? std::string("one is") : std::to_string(rest) + " are") + " hidden";
}

std::string blind_warning(const Sight& sight, const MaskUse& use, const char* what_it_means) {
    std::string text = use.name + ": " + std::to_string(sight.blind) + " of " +
                       counted(sight.rows, "query", "queries");
    if (sight.heads > 1) text += " (counted in each of " + std::to_string(sight.heads) + " heads)";
    text += sight.blind == 1 ? " sees no key" : " see no key";
    if (!use.other_keys)
        text += sight.blind == 1 ? ", so its attention is 0" : ", so their attention is 0";
    return text + "; " + what_it_means + " (--mask-may-hide-all accepts it)";
}

}  // namespace

Remarks check_mask(const AttendProblem& problem, const MaskUse& use) {
    Remarks remarks;
    if (!problem.mask && !problem.bias) return remarks;
    const bool bools = problem.mask.has_value();
    const Sight sight =
        bools ? look(problem, problem.mask->visible) : look(problem, problem.bias->values);
    const char* const meaning = bools ? "in a bool --mask true lets a key be seen"
                                      : "in a --mask of numbers -inf hides a key";
    const bool all = sight.blind > 0 && sight.blind == sight.would_see;
    if (all && !use.may_hide_all) {
        throw UserError(
            use.name + ": hides every key of every query. I" + (meaning + 1) +
            (bools ? "; nn.MultiheadAttention's masks are the inverse. Invert it, or give "
                   : ". Mend it, or give ") +
            "--mask-may-hide-all");
    }
    if (sight.blind > 0 && !use.may_hide_all)
        remarks.warnings.push_back(blind_warning(sight, use, meaning));
    if (use.self && !all && sight.own > 1 && sight.own_hidden == sight.own) {
        remarks.warnings.push_back(use.name + ": hides every token from itself: " +
                                   (bools ? "it is false on its whole diagonal; true lets a key be "
                                            "seen, nn.MultiheadAttention's masks "
                                            "are the inverse"
                                          : "it is -inf on its whole diagonal"));
    }
    if (problem.bias && holds_only_0_and_1(problem.bias->values.data)) {
        remarks.warnings.push_back(use.name +
                                   ": holds only 0 and 1, which are added to the scores; to hide "
                                   "keys store it as bool");
    }
    const Index mask_keys = bools ? problem.mask->visible.keys : problem.bias->values.keys;
    if (mask_keys < problem.key.tokens)
        remarks.notes.push_back(short_mask_note(use.name, mask_keys, problem.key.tokens));
    return remarks;
}

}  // namespace headroom::tools
