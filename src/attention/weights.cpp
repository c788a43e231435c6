// Packing weights and recognising a packed blob.
#include <headroom/version.hpp>
#include <headroom/weights.hpp>

#include "attention/memory.hpp"
#include "attention/packed_weights.hpp"
#include "kernels/lanes.hpp"

namespace headroom {
namespace detail {
namespace {

class Crc32 {
public:
    void add(const std::byte* bytes, std::size_t n) noexcept {
        for (std::size_t i = 0; i < n; ++i) {
            state_ ^= static_cast<std::uint32_t>(bytes[i]);
            state_ = kTable[state_ & 15] ^ (state_ >> 4);
            state_ = kTable[state_ & 15] ^ (state_ >> 4);
        }
    }
    std::uint32_t value() const noexcept { return ~state_; }

private:
    // The remainders of the sixteen low nibbles; polynomial 0xEDB88320.
    static constexpr std::uint32_t kTable[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                                 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                                 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                                 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    std::uint32_t state_ = 0xffffffffu;
};

std::uint32_t checksum_of(std::span<const std::byte> blob) noexcept {
    constexpr std::size_t at = offsetof(WeightsHeader, checksum),
                          after = at + sizeof(WeightsHeader::checksum);
    Crc32 crc;
    crc.add(blob.data(), at);
    crc.add(blob.data() + after, blob.size() - after);
    return crc.value();
}

WeightsHeader header_of(const Shape& s, std::size_t bytes) noexcept {
    return {{'H', 'R', 'W', '1'},
            static_cast<std::uint32_t>(weights_format),
            bytes,
            s.model_dim,
            s.heads,
            s.kv_heads,
            s.head_dim,
            s.value_dim,
            s.key_source_dim,
            s.value_source_dim,
            s.output_dim,
            s.extra_key ? 1u : 0u,
            {},
            0};
}

bool same(const WeightsHeader& a, const WeightsHeader& b) noexcept {
    for (int i = 0; i < 4; ++i) {
        if (a.magic[i] != b.magic[i]) return false;
    }
    return a.format == b.format && a.bytes == b.bytes && a.model_dim == b.model_dim &&
           a.heads == b.heads && a.kv_heads == b.kv_heads && a.head_dim == b.head_dim &&
           a.value_dim == b.value_dim && a.key_source_dim == b.key_source_dim &&
           a.value_source_dim == b.value_source_dim && a.output_dim == b.output_dim &&
           a.extra_key == b.extra_key && a.reserved[0] == b.reserved[0] &&
           a.reserved[1] == b.reserved[1];
}

void pack(const Projected& to, std::span<const float> weight, std::span<const float> bias,
          std::byte* blob) noexcept {
    auto* panels = reinterpret_cast<float*>(blob + to.panels);
    auto* biases = reinterpret_cast<float*>(blob + to.bias);
    for (Index o = 0; o < to.outputs; ++o) {
        const Index p = to.first_panel + o / kLanes, lane = o % kLanes;
        const Index group = p / group_panels * group_panels;
        const Index in_group =
            to.all_panels - group < group_panels ? to.all_panels - group : group_panels;
        float* column = panels + (group * to.inputs + (p - group)) * kLanes + lane;
        for (Index i = 0; i < to.inputs; ++i) {
            column[i * in_group * kLanes] = weight[static_cast<std::size_t>(o * to.inputs + i)];
        }
        if (!bias.empty()) biases[p * kLanes + lane] = bias[static_cast<std::size_t>(o)];
    }
}

void copy(std::span<const float> from, std::byte* to) noexcept {
    if (!from.empty()) __builtin_memcpy(to, from.data(), from.size_bytes());
}

bool fits(std::span<const float> given, Index wanted) noexcept {
    return given.size() == static_cast<std::size_t>(wanted);
}
bool fits_or_empty(std::span<const float> given, Index wanted) noexcept {
    return given.empty() || fits(given, wanted);
}

}  // namespace
}  // namespace detail

using namespace detail;

Result pack_weights(const Shape& shape, const LayerTensors& t, std::span<std::byte> blob) noexcept {
    const std::size_t bytes = weights_bytes(shape);
    if (bytes == 0) return {Status::bad_shape, 1};
    const Shape s = resolved(shape);
    const WeightsLayout w = layout_of(s);
    const Index extra_key = s.extra_key ? w.key.outputs : 0,
                extra_value = s.extra_key ? w.value.outputs : 0;
    if (!fits(t.query_weight, w.query.outputs * w.query.inputs) ||
        !fits(t.key_weight, w.key.outputs * w.key.inputs) ||
        !fits(t.value_weight, w.value.outputs * w.value.inputs) ||
        !fits(t.output_weight, w.output.outputs * w.output.inputs) ||
        !fits_or_empty(t.query_bias, w.query.outputs) ||
        !fits_or_empty(t.key_bias, w.key.outputs) ||
        !fits_or_empty(t.value_bias, w.value.outputs) ||
        !fits_or_empty(t.output_bias, w.output.outputs) || !fits(t.extra_key, extra_key) ||
        !fits(t.extra_value, extra_value)) {
        return {Status::bad_shape, 2};
    }
    if (const Status status = check_arena(blob, bytes); status != Status::ok) return {status, 3};
    blob = blob.first(bytes);
    for (const auto& tensor :
         {t.query_weight, t.key_weight, t.value_weight, t.output_weight, t.query_bias, t.key_bias,
          t.value_bias, t.output_bias, t.extra_key, t.extra_value}) {
        if (overlap(range_of(tensor), range_of(blob))) return {Status::overlap, 3};
    }

    __builtin_memset(blob.data(), 0, bytes);
    pack(w.query, t.query_weight, t.query_bias, blob.data());
    pack(w.key, t.key_weight, t.key_bias, blob.data());
    pack(w.value, t.value_weight, t.value_bias, blob.data());
    pack(w.output, t.output_weight, t.output_bias, blob.data());
    if (s.extra_key) {
        copy(t.extra_key, blob.data() + w.extra_key);
        copy(t.extra_value, blob.data() + w.extra_value);
    }
    WeightsHeader header = header_of(s, bytes);
    __builtin_memcpy(blob.data(), &header, sizeof header);
    header.checksum = checksum_of(blob);
    __builtin_memcpy(blob.data(), &header, sizeof header);
    return {};
}

Result check_weights(const Shape& shape, std::span<const std::byte> blob) noexcept {
    const std::size_t bytes = weights_bytes(shape);
    if (bytes == 0) return {Status::bad_shape, 1};
    const Status arena = check_arena(blob, bytes);
    // Weights of another shape may be shorter: that they are others says more than that they end.
    if (arena != Status::ok && (arena != Status::too_small || blob.size() < header_bytes))
        return {arena, 2};
    WeightsHeader header;
    __builtin_memcpy(&header, blob.data(), sizeof header);
    if (!same(header, header_of(resolved(shape), bytes))) return {Status::bad_weights, 2};
    if (arena != Status::ok) return {arena, 2};
    return header.checksum == checksum_of(blob.first(bytes)) ? Result{}
                                                             : Result{Status::bad_checksum, 2};
}

}  // namespace headroom
