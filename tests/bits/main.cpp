// headroom_bits [--port NAME] [--list INDEX] [--golden FILE]: hashes of outputs over a fixed list
// of configurations, one in each line; equal lists are equal bits. Lines that begin with # are not
// part of the list.
//
//   --port    on this port only; else on each that the processor supports, and they must agree
//   --list    one configuration, with the bits of all that comes out
//   --golden  writes the list to a file, if all is well
//
// Exit codes: 0, 1 ports differ, or the list is not what it has to be, 2 wrong usage.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <headroom/headroom.h>

#include "bits/arena.hpp"
#include "bits/configuration.hpp"
#include "bits/coverage.hpp"
#include "bits/run.hpp"

namespace headroom::bits {
namespace {

// What a Cortex-M3 can do in a time that people wait for.
constexpr std::int64_t most_multiply_adds = 500'000'000;

struct Arguments {
    const hr_port* port = nullptr;
    const char* golden = nullptr;
    int list = -1;
    bool valid = true;
};

Arguments parse(int argc, char** argv) {
    Arguments a;
    for (int i = 1; i < argc; i += 2) {
        const char *const option = argv[i], *const value = i + 1 < argc ? argv[i + 1] : nullptr;
        if (value != nullptr && std::strcmp(option, "--port") == 0) {
            a.port = hr_find_port(value);
            if (a.port == nullptr) std::printf("# this build has no port %s\n", value);
            a.valid &= a.port != nullptr;
        } else if (value != nullptr && std::strcmp(option, "--list") == 0) {
            a.list = std::atoi(value);
            a.valid &= a.list >= 0 && a.list < configurations;
        } else if (value != nullptr && std::strcmp(option, "--golden") == 0) {
            a.golden = value;
        } else {
            a.valid = false;
        }
    }
    return a;
}

void print_one(int index, const hr_port* port) {
    const Configuration configuration = draw(index);
    char text[line_length];
    describe(configuration, text);
    std::printf("%03d %s\n# on %s\n", index, text, hr_port_name(port));
    const Record record = run(configuration, port, true);
    std::printf("  hash %016llx, %ld multiply-adds, expected at most %ld\n",
                static_cast<unsigned long long>(record.hash()), static_cast<long>(record.cost()),
                static_cast<long>(expected_cost(configuration)));
}

class List {
public:
    /// The first port's list is printed, and what others have different.
    void add(const hr_port* port) {
        const bool first = ports_++ == 0;
        int different = 0;
        std::printf("# on %s\n", hr_port_name(port));
        for (int i = 0; i < configurations; ++i) {
            const Configuration configuration = draw(i);
            const Record record = run(configuration, port);
            if (first) {
                hashes_[i] = record.hash();
                cost_ += record.cost();
                coverage_.note(configuration, record);
                print(stdout, i);
            } else if (hashes_[i] != record.hash()) {
                ++different;
                std::printf("# configuration %03d differs: %016llx\n", i,
                            static_cast<unsigned long long>(record.hash()));
            }
        }
        fine_ &= different == 0;
        if (!first) std::printf("# %d of %d differ\n", different, configurations);
    }

    /// Whether the list is what it has to be.
    bool finish() {
        print_end(stdout);
        std::printf("# memory of the largest configuration: %lu bytes\n",
                    static_cast<unsigned long>(most_memory()));
        if (cost_ > most_multiply_adds) std::printf("# the list costs too much\n");
        return fine_ & coverage_.complete() & (cost_ <= most_multiply_adds);
    }

    bool write(const char* name) const {
        std::FILE* const file = std::fopen(name, "w");
        if (file == nullptr) return false;
        for (int i = 0; i < configurations; ++i) print(file, i);
        print_end(file);
        return std::fclose(file) == 0;
    }

private:
    void print(std::FILE* to, int index) const {
        char text[line_length];
        describe(draw(index), text);
        std::fprintf(to, "%03d %016llx %s\n", index,
                     static_cast<unsigned long long>(hashes_[index]), text);
    }

    void print_end(std::FILE* to) const {
        std::fprintf(to, "multiply-adds %ld of at most %ld, numerics version %d\n",
                     static_cast<long>(cost_), static_cast<long>(most_multiply_adds),
                     hr_numerics_version());
    }

    std::uint64_t hashes_[configurations] = {};
    std::int64_t cost_ = 0;
    Coverage coverage_;
    int ports_ = 0;
    bool fine_ = true;
};

}  // namespace
}  // namespace headroom::bits

int main(int argc, char** argv) {
    using namespace headroom::bits;
    const Arguments arguments = parse(argc, argv);
    if (!arguments.valid) {
        std::printf("usage: headroom_bits [--port NAME] [--list INDEX] [--golden FILE]\n");
        return 2;
    }
    static List list;
    for (std::size_t i = 0; i < hr_port_count(); ++i) {
        const hr_port* const port = hr_port_at(i);
        if (arguments.port != nullptr && port != arguments.port) continue;
        if (!hr_port_supported(port)) {
            std::printf("# %s needs %s\n", hr_port_name(port), hr_port_needs(port));
            if (arguments.port != nullptr) return 1;
        } else if (arguments.list >= 0) {
            print_one(arguments.list, port);
        } else {
            list.add(port);
        }
    }
    if (arguments.list >= 0) return 0;
    if (!list.finish()) return 1;
    return arguments.golden == nullptr || list.write(arguments.golden) ? 0 : 1;
}
