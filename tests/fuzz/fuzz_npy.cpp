// The reader of .npy files: whatever the bytes are, they are refused, or they are exactly the array
// that their header says.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "fuzz/input.hpp"
#include "tools/npy.hpp"
#include "tools/npy_writer.hpp"
#include "tools/user_error.hpp"

namespace {

using namespace headroom::tools;
using headroom::fuzz::require;

bool same_value(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void convert(const NpyArray& array) {
    const std::vector<float> floats = array.floats();
    const std::vector<double> doubles = array.doubles();
    require(floats.size() == array.size() && doubles.size() == array.size(), "all elements");
    for (std::size_t i = 0; i < floats.size(); ++i)
        require(same_value(floats[i], static_cast<double>(nearest_float(doubles[i]))) ||
                    array.dtype == Dtype::int64,
                "floats are the doubles, rounded");
    if (array.dtype == Dtype::boolean) {
        const BoolArray bools = array.bools();
        for (std::size_t i = 0; i < bools.size; ++i)
            require(bools.data[i] == (doubles[i] != 0), "bools are the doubles that are not 0");
    } else if (!is_real(array.dtype)) {
        const std::vector<std::int64_t> integers = array.integers();
        for (std::size_t i = 0; i < integers.size(); ++i)
            require(static_cast<double>(integers[i]) == doubles[i], "integers are the doubles");
    }
}

// What was read, written anew and read again, is the same array.
void round_trip(const NpyArray& array) {
    std::vector<std::byte> file = npy_header(array.dtype, array.dims);
    require(file.size() % 64 == 0, "an aligned header");
    file.insert(file.end(), array.data.begin(), array.data.end());
    const NpyArray again = parse_npy(file, "again");
    require(again.dtype == array.dtype && again.dims == array.dims, "the same type and shape");
    require(again.data.size() == array.data.size(), "as many bytes");
    require(array.data.empty() ||
                std::memcmp(again.data.data(), array.data.data(), array.data.size()) == 0,
            "the same bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    try {
        const NpyArray array = parse_npy(file, "input");
        require(static_cast<std::size_t>(size_of(array.dims)) == array.size(), "size and shape");
        require(array.data.data() >= file.data() &&
                    array.data.data() + array.data.size() == file.data() + file.size(),
                "the data end where the file ends");
        convert(array);
        round_trip(array);
    } catch (const UserError& error) {
        require(std::strncmp(error.what(), "input: ", 7) == 0, "a message starts with the file");
        require(std::strchr(error.what(), '\n') == nullptr, "a message is one line");
    }
    return 0;
}
