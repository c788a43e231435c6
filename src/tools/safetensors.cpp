#include "tools/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/half.hpp"
#include "tools/npy.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian");

constexpr std::uint64_t largest_header = 100'000'000;  // as the format's own reader
constexpr std::size_t length_bytes = 8;

[[noreturn]] void fail(const std::string& file, const std::string& what) {
    throw UserError(file + ": " + what);
}

[[noreturn]] void fail(const std::string& file, const std::string& tensor,
                       const std::string& what) {
    throw UserError(file + ": tensor " + in_quotes(tensor) + ": " + what);
}

// Bytes of an element; 0: not a type of the format.
std::uint64_t element_bytes(const std::string& dtype) {
    static constexpr std::array<std::pair<const char*, std::uint64_t>, 15> types{{
        {"BOOL", 1},
        {"U8", 1},
        {"I8", 1},
        {"F8_E5M2", 1},
        {"F8_E4M3", 1},
        {"U16", 2},
        {"I16", 2},
        {"F16", 2},
        {"BF16", 2},
        {"U32", 4},
        {"I32", 4},
        {"F32", 4},
        {"U64", 8},
        {"I64", 8},
        {"F64", 8},
    }};
    for (const auto& [name, bytes] : types) {
        if (dtype == name) return bytes;
    }
    return 0;
}

// How torch.save() begins: a zip archive, formerly a pickle. As a length the latter can be right.
bool is_checkpoint(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return text.starts_with("PK\x03\x04") || text.starts_with("\x80\x02");
}

// The length of the header, checked against the file's size.
std::size_t read_length(const std::string& file, std::span<const std::byte> bytes) {
    if (bytes.size() < length_bytes) fail(file, "is too short to be a safetensors file");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), length_bytes);
    const bool fits = length <= largest_header && length <= bytes.size() - length_bytes;
    if (!fits && is_checkpoint(bytes)) {
        fail(file,
             "looks like a PyTorch checkpoint, not a safetensors file; write it with "
             "safetensors.torch.save_file");
    }
    if (!fits) {
        fail(file, "is not a safetensors file: its header would have " + std::to_string(length) +
                       " bytes, the file has " + std::to_string(bytes.size()));
    }
    return static_cast<std::size_t>(length);
}

Json parse_header(const std::string& file, std::string_view text) {
    // The parser keeps the last of two equal keys; two tensors of one name are an error.
    std::set<std::string> names;
    const auto check_name = [&](int depth, Json::parse_event_t event, Json& key) {
        if (depth == 1 && event == Json::parse_event_t::key) {
            if (!names.insert(key.get<std::string>()).second) {
                fail(file, key.get<std::string>(), "appears twice in the header");
            }
        }
        return true;
    };
    try {
        Json header = Json::parse(text, check_name);
        if (!header.is_object()) fail(file, "its header is not a JSON object");
        return header;
    } catch (const Json::exception&) {
        fail(file, "is not a safetensors file: its header is not JSON");
    }
}

// A count in the header: JSON integers only, and small enough to compute with.
std::uint64_t count(const std::string& file, const std::string& name, const Json& value) {
    if (!value.is_number_unsigned()) fail(file, name, "a size or offset is not a natural number");
    const auto n = value.get<std::uint64_t>();
    if (n > std::uint64_t{1} << 62) fail(file, name, "a size or offset is out of range");
    return n;
}

TensorEntry parse_entry(const std::string& file, const std::string& name, const Json& value,
                        std::uint64_t data_start, std::uint64_t data_bytes) {
    const auto is_array = [&](const char* key) {
        return value.contains(key) && value[key].is_array();
    };
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
        !is_array("shape") || !is_array("data_offsets") || value["data_offsets"].size() != 2) {
        fail(file, name, "needs dtype, shape and two data_offsets");
    }

    TensorEntry entry;
    entry.dtype = value["dtype"].get<std::string>();
    std::uint64_t bytes = element_bytes(entry.dtype);
    if (bytes == 0) fail(file, name, "unknown dtype " + in_quotes(entry.dtype));
    for (const Json& dimension : value["shape"]) {
        const std::uint64_t n = count(file, name, dimension);
        if (n != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / n) {
            fail(file, name, "its shape overflows");
        }
        bytes *= n;
        entry.shape.push_back(static_cast<std::int64_t>(n));
    }

    const std::uint64_t begin = count(file, name, value["data_offsets"][0]);
    const std::uint64_t end = count(file, name, value["data_offsets"][1]);
    if (begin > end || end > data_bytes) {
        fail(file, name,
             "its data_offsets lie outside the file, which ends at " + std::to_string(data_bytes));
    }
    if (end - begin != bytes) {
        fail(file, name,
             "has " + std::to_string(end - begin) + " bytes; " + entry.dtype + " " +
                 shape_text(entry.shape) + " takes " + std::to_string(bytes));
    }
    entry.begin = data_start + begin;
    entry.end = data_start + end;
    return entry;
}

// The tensors' bytes, in order, must touch: an overlap or a gap is a damaged or a hostile file.
void check_coverage(const std::string& file, const std::map<std::string, TensorEntry>& tensors,
                    std::uint64_t data_start, std::uint64_t file_bytes) {
    std::vector<std::pair<const TensorEntry*, const std::string*>> order;
    order.reserve(tensors.size());
    for (const auto& [name, entry] : tensors) order.emplace_back(&entry, &name);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return std::pair(a.first->begin, a.first->end) < std::pair(b.first->begin, b.first->end);
    });
    std::uint64_t at = data_start;
    for (const auto& [entry, name] : order) {
        if (entry->begin < at) fail(file, *name, "its bytes overlap those of another tensor");
        if (entry->begin > at) fail(file, *name, "there is a gap before its bytes");
        at = entry->end;
    }
    if (at != file_bytes) {
        fail(file, std::to_string(file_bytes - at) + " bytes at its end belong to no tensor");
    }
}

// bfloat16 is the upper half of a float.
float float_of_bfloat(std::uint16_t upper) {
    return std::bit_cast<float>(std::uint32_t{upper} << 16);
}

template <class Stored, class Convert>
std::vector<float> convert(std::span<const std::byte> bytes, Convert to_float) {
    std::vector<float> values(bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
        Stored stored;  // aligned to nothing in the file
        std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof stored);
        values[i] = to_float(stored);
    }
    return values;
}

}  // namespace

Safetensors::Safetensors(const std::filesystem::path& path)
    : name_(path.string()), file_(std::in_place, path), bytes_(file_->bytes()) {
    parse();
}

Safetensors::Safetensors(std::span<const std::byte> bytes, std::string name)
    : name_(std::move(name)), bytes_(bytes) {
    parse();
}

void Safetensors::parse() {
    const std::size_t length = read_length(name_, bytes_);
    const std::size_t data_start = length_bytes + length;
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + length_bytes,
                                length);
    const Json header = parse_header(name_, text);
    for (const auto& [tensor, value] : header.items()) {
        if (tensor == "__metadata__") continue;  // the writer's notes
        tensors_.emplace(tensor,
                         parse_entry(name_, tensor, value, data_start, bytes_.size() - data_start));
    }
    check_coverage(name_, tensors_, data_start, bytes_.size());
}

std::vector<float> Safetensors::read_f32(const std::string& tensor) const {
    const TensorEntry& entry = tensors_.at(tensor);
    const std::span<const std::byte> bytes = bytes_.subspan(
        static_cast<std::size_t>(entry.begin), static_cast<std::size_t>(entry.end - entry.begin));
    if (entry.dtype == "F32") return convert<float>(bytes, [](float value) { return value; });
    if (entry.dtype == "F16") return convert<std::uint16_t>(bytes, float_of_half);
    if (entry.dtype == "BF16") return convert<std::uint16_t>(bytes, float_of_bfloat);
    if (entry.dtype == "F64") return convert<double>(bytes, nearest_float);
    fail(name_, tensor, "is " + entry.dtype + "; weights are F32, F16, BF16 or F64");
}

std::string in_quotes(const std::string& name) {
    return Json(name).dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace headroom::tools
