#include "tools/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian");

constexpr std::uint64_t largest_header = 100'000'000;  // as the format's own reader
constexpr std::uint64_t length_bytes = 8;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
    throw UserError(path.string() + ": " + what);
}

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& tensor,
                       const std::string& what) {
    throw UserError(path.string() + ": tensor " + in_quotes(tensor) + ": " + what);
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

// The length of the header, checked against the file's size.
std::uint64_t read_length(const std::filesystem::path& path, std::ifstream& file,
                          std::uint64_t file_bytes) {
    if (file_bytes < length_bytes) fail(path, "is too short to be a safetensors file");
    std::array<char, length_bytes> raw{};
    if (!file.read(raw.data(), raw.size())) fail(path, "cannot be read");
    const auto length = std::bit_cast<std::uint64_t>(raw);
    if (length > largest_header || length > file_bytes - length_bytes) {
        fail(path, "is not a safetensors file: its header would have " + std::to_string(length) +
                       " bytes, the file has " + std::to_string(file_bytes));
    }
    return length;
}

Json parse_header(const std::filesystem::path& path, const std::string& text) {
    // The parser keeps the last of two equal keys; two tensors of one name are an error.
    std::set<std::string> names;
    const auto check_name = [&](int depth, Json::parse_event_t event, Json& key) {
        if (depth == 1 && event == Json::parse_event_t::key) {
            if (!names.insert(key.get<std::string>()).second) {
                fail(path, key.get<std::string>(), "appears twice in the header");
            }
        }
        return true;
    };
    try {
        Json header = Json::parse(text, check_name);
        if (!header.is_object()) fail(path, "its header is not a JSON object");
        return header;
    } catch (const Json::exception&) {
        fail(path, "is not a safetensors file: its header is not JSON");
    }
}

// A count in the header: JSON integers only, and small enough to compute with.
std::uint64_t count(const std::filesystem::path& path, const std::string& name, const Json& value) {
    if (!value.is_number_unsigned()) fail(path, name, "a size or offset is not a natural number");
    const auto n = value.get<std::uint64_t>();
    if (n > std::uint64_t{1} << 62) fail(path, name, "a size or offset is out of range");
    return n;
}

TensorEntry parse_entry(const std::filesystem::path& path, const std::string& name,
                        const Json& value, std::uint64_t data_start, std::uint64_t data_bytes) {
    const auto is_array = [&](const char* key) {
        return value.contains(key) && value[key].is_array();
    };
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
        !is_array("shape") || !is_array("data_offsets") || value["data_offsets"].size() != 2) {
        fail(path, name, "needs dtype, shape and two data_offsets");
    }

    TensorEntry entry;
    entry.dtype = value["dtype"].get<std::string>();
    std::uint64_t bytes = element_bytes(entry.dtype);
    if (bytes == 0) fail(path, name, "unknown dtype " + in_quotes(entry.dtype));
    for (const Json& dimension : value["shape"]) {
        const std::uint64_t n = count(path, name, dimension);
        if (n != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / n) {
            fail(path, name, "its shape overflows");
        }
        bytes *= n;
        entry.shape.push_back(static_cast<std::int64_t>(n));
    }

    const std::uint64_t begin = count(path, name, value["data_offsets"][0]);
    const std::uint64_t end = count(path, name, value["data_offsets"][1]);
    if (begin > end || end > data_bytes) {
        fail(path, name,
             "its data_offsets lie outside the file, which ends at " + std::to_string(data_bytes));
    }
    if (end - begin != bytes) {
        fail(path, name,
             "has " + std::to_string(end - begin) + " bytes; " + entry.dtype + " " +
                 shape_text(entry.shape) + " takes " + std::to_string(bytes));
    }
    entry.begin = data_start + begin;
    entry.end = data_start + end;
    return entry;
}

// The tensors' bytes, in order, must touch: an overlap or a gap is a damaged or a hostile file.
void check_coverage(const std::filesystem::path& path,
                    const std::map<std::string, TensorEntry>& tensors, std::uint64_t data_start,
                    std::uint64_t file_bytes) {
    std::vector<std::pair<const TensorEntry*, const std::string*>> order;
    for (const auto& [name, entry] : tensors) order.emplace_back(&entry, &name);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return std::pair(a.first->begin, a.first->end) < std::pair(b.first->begin, b.first->end);
    });
    std::uint64_t at = data_start;
    for (const auto& [entry, name] : order) {
        if (entry->begin < at) fail(path, *name, "its bytes overlap those of another tensor");
        if (entry->begin > at) fail(path, *name, "there is a gap before its bytes");
        at = entry->end;
    }
    if (at != file_bytes) {
        fail(path, std::to_string(file_bytes - at) + " bytes at its end belong to no tensor");
    }
}

}  // namespace

Safetensors::Safetensors(const std::filesystem::path& path) : path_(path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) fail(path, "does not exist");
    if (!std::filesystem::is_regular_file(path, error)) fail(path, "is not a regular file");
    const std::uint64_t file_bytes = std::filesystem::file_size(path, error);
    file_.open(path, std::ios::binary);
    if (error || !file_) fail(path, "cannot be opened");

    const std::uint64_t length = read_length(path, file_, file_bytes);
    std::string text(length, '\0');
    if (!file_.read(text.data(), static_cast<std::streamsize>(length)))
        fail(path, "cannot be read");
    const Json header = parse_header(path, text);

    const std::uint64_t data_start = length_bytes + length;
    for (const auto& [name, value] : header.items()) {
        if (name == "__metadata__") continue;  // the writer's notes
        tensors_.emplace(name, parse_entry(path, name, value, data_start, file_bytes - data_start));
    }
    check_coverage(path, tensors_, data_start, file_bytes);
}

std::vector<float> Safetensors::read_f32(const std::string& name) {
    const TensorEntry& entry = tensors_.at(name);
    if (entry.dtype != "F32") fail(path_, name, "is " + entry.dtype + "; only F32 can be packed");
    std::vector<float> values((entry.end - entry.begin) / sizeof(float));
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(entry.begin));
    const auto bytes = static_cast<std::streamsize>(values.size() * sizeof(float));
    if (!file_.read(reinterpret_cast<char*>(values.data()), bytes))
        fail(path_, name, "cannot be read");
    return values;
}

std::string in_quotes(const std::string& name) {
    return Json(name).dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace headroom::tools
