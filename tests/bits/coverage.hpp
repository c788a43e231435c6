// What the list must contain. Configurations are drawn, so this says what the dice left out.
#pragma once

#include "bits/configuration.hpp"
#include "bits/record.hpp"

namespace headroom::bits {

class Coverage {
public:
    void note(const Configuration& configuration, const Record& record);

    /// Prints what is missing; whether nothing is.
    bool complete() const;

private:
    static constexpr int most_groups = 64, most_members = 16;

    struct Group {
        const char* name;
        int members;
        int seen[most_members];
    };

    // That member `which` of a group occurs: all of 0 ... members - 1 must.
    void see(const char* group, int which, int members);
    void see(const char* group, bool is) { see(group, is ? 0 : -1, 1); }
    void note_sizes(const Configuration& c);
    void note_features(const Configuration& c);

    Group groups_[most_groups] = {};
    int count_ = 0;
    bool shows_hidden_ = false;  // what lies where no row looks has reached an output
};

}  // namespace headroom::bits
