// Internal: from the features that a caller gives, as types, to the table that a call carries.
#pragma once

#include <headroom/detail/call.hpp>

namespace headroom::detail {

template <class A, class B>
inline constexpr bool same_type = false;
template <class A>
inline constexpr bool same_type<A, A> = true;
template <class A, class... All>
inline constexpr int occurrences = (0 + ... + (same_type<A, All> ? 1 : 0));

// set_feature() is found where the type of `To` is declared, also for what is overloaded later.
template <class To, class Given>
inline constexpr bool can_bind = requires(To& to, const Port& port, const Given& given) {
    set_feature(to, port, std::uint8_t{}, given);
};

// A feature of a layer alone, such as a rotary embedding, is none of attend()'s.
template <class Given>
inline constexpr bool acts_in_attend = can_bind<Features, Given>;

// The place behind the last feature that attend() acts upon.
template <class... Given>
constexpr std::uint8_t checks_count() noexcept {
    std::uint8_t place = 0, count = 0;
    ((++place, count = acts_in_attend<Given> ? place : count), ...);
    return count;
}

template <class... Given>
inline constexpr CheckFeature checks_of[sizeof...(Given)] = {check_of<Given>...};

template <class To, class... Given>
void bind_all(To& to, const Port& port, [[maybe_unused]] std::uint8_t at,
              const Given&... given) noexcept {
    static_assert(((occurrences<Given, Given...> == 1) && ...), "a feature may be given only once");
    static_assert(
        (can_bind<To, Given> && ...),
        "not a feature of this call: see features.hpp; attend() takes no rotary embedding, "
        "call rotate() first");
    if constexpr (sizeof...(Given) > 0 && (can_bind<To, Given> && ...)) {
        to.checks = checks_of<Given...>;
        to.count = checks_count<Given...>();
        to.first_argument = at;
        (set_feature(to, port, at++, given), ...);
    }
}

// The features of one attend() call. Without any there is nothing to clear or fill in.
template <class... Given>
struct BoundFeatures {
    Features features;
    BoundFeatures(const Port& port, std::uint8_t at, const Given&... given) noexcept {
        bind_all(features, port, at, given...);
    }
};
template <>
struct BoundFeatures<> {
    static constexpr const Features& features = no_features;
    BoundFeatures(const Port&, std::uint8_t) noexcept {}
};

// What is known at run time only is bound one by one, in ascending order of the arguments: places
// in the table are counted from the first. Holds the checks, so it lives as long as the features.
class HeldChecks {
public:
    template <class To, class Given>
    void bind(To& to, const Port& port, std::uint8_t argument, const Given& given) noexcept {
        set_feature(to, port, argument, given);
        if constexpr (acts_in_attend<Given>) {
            if (to.count == 0) to.first_argument = argument;
            const int i = argument - to.first_argument;
            checks_[i] = check_of<Given>;
            to.checks = checks_;
            to.count = static_cast<std::uint8_t>(i + 1);
        }
    }

private:
    CheckFeature checks_[13] = {};  // there are as many types of features
};

}  // namespace headroom::detail
