// The packed weights: complete, the same every time, and refused as soon as one bit differs.
#include <doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/layer_support.hpp"

namespace headroom::test {
namespace {

constexpr Shape shape{.model_dim = 10,
                      .heads = 6,
                      .kv_heads = 3,
                      .head_dim = 4,
                      .value_dim = 3,
                      .key_source_dim = 7,
                      .value_source_dim = 9,
                      .output_dim = 18,
                      .extra_key = true,
                      .max_keys = 30};

// The common CRC-32 (IEEE 802.3, reflected, as in zip and PNG), bit by bit.
std::uint32_t crc32(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xffffffffu;
    for (const std::byte b : bytes) {
        crc ^= std::to_integer<std::uint32_t>(b);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
    }
    return ~crc;
}

// Gives every element of every tensor its own value; returns how many there are.
std::size_t number_elements(LayerWeights& w) {
    float next = 1.0f;
    for (auto* tensor : {&w.query, &w.key, &w.value, &w.output, &w.query_bias, &w.key_bias,
                         &w.value_bias, &w.output_bias, &w.extra_key, &w.extra_value})
        for (float& element : *tensor) element = next++;
    return static_cast<std::size_t>(next) - 1;
}

LayerWeights some_weights(const Shape& of = shape) {
    Random random(1);
    return random_weights(of, random);
}

TEST_CASE("weights: every element is in the blob once, and the rest is zero") {
    LayerWeights w = some_weights();
    const std::size_t count = number_elements(w);
    const Arena blob = packed(shape, w);
    REQUIRE(blob.span().size() == weights_bytes(shape));
    std::vector<int> seen(count + 1, 0);
    std::vector<float> floats((blob.span().size() - 64) / 4);
    std::memcpy(floats.data(), blob.span().data() + 64, floats.size() * 4);
    for (const float f : floats) {
        const bool known = f >= 0 && f <= static_cast<float>(count) &&
                           f == static_cast<float>(static_cast<int>(f));
        REQUIRE(known);
        ++seen[static_cast<std::size_t>(f)];
    }
    CHECK(std::all_of(seen.begin() + 1, seen.end(), [](int n) { return n == 1; }));
    CHECK(static_cast<std::size_t>(seen[0]) == floats.size() - count);
    CHECK(std::count_if(floats.begin(), floats.end(), [](float f) { return bits_of(f) == 0; }) ==
          seen[0]);
}

TEST_CASE("weights: packing is repeatable, whatever the memory held") {
    const LayerWeights w = some_weights();
    const Arena zeros(weights_bytes(shape), 0, 0x00), ones(weights_bytes(shape), 0, 0xff),
        longer(weights_bytes(shape) + 128, 0, 0x33);
    for (const Arena* blob : {&zeros, &ones, &longer}) {
        REQUIRE(pack_weights(shape, w.tensors(), blob->span()).status == Status::ok);
        CHECK(blob->intact());
        CHECK(check_weights(shape, blob->span()).status == Status::ok);
        CHECK(hash_bytes(blob->span().first(weights_bytes(shape))) == hash_bytes(zeros.span()));
    }
    CHECK(std::all_of(longer.span().end() - 128, longer.span().end(),
                      [](std::byte b) { return b == std::byte{0x33}; }));
}

TEST_CASE("weights: an empty bias stands for zeros") {
    Random random(2);
    LayerWeights without = random_weights(shape, random, 0), zeros = without;
    zeros.query_bias.assign(24, 0.0f);
    zeros.key_bias.assign(12, 0.0f);
    zeros.value_bias.assign(9, 0.0f);
    zeros.output_bias.assign(18, 0.0f);
    const Arena a = packed(shape, without), b = packed(shape, zeros);
    REQUIRE(a.span().size() > 0);
    CHECK(hash_bytes(a.span()) == hash_bytes(b.span()));
}

TEST_CASE(
    "weights: a blob serves every layer of the same widths, heads and extra key, and no other") {
    const Arena blob = packed(shape, some_weights());
    const auto check = [&](auto change) {
        Shape other = shape;
        change(other);
        return check_weights(other, blob.span()).status;
    };
    CHECK(check([](Shape& s) { s.max_keys = 7; }) == Status::ok);
    CHECK(check([](Shape& s) { s.max_queries = 99; }) == Status::ok);
    CHECK(check([](Shape& s) { s.window = 5, s.sinks = 2; }) == Status::ok);
    CHECK(check([](Shape& s) { s.rotary_dim = 4; }) == Status::ok);
    // Each of these needs no more bytes than there are, so that size alone does not tell.
    CHECK(check([](Shape& s) { s.model_dim = 9, s.output_dim = 18; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.heads = 3; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.kv_heads = 2; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.kv_heads = 1; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.head_dim = 3; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.value_dim = 2; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.key_source_dim = 6; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.value_source_dim = 8; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.output_dim = 17; }) == Status::bad_weights);
    CHECK(check([](Shape& s) { s.extra_key = false; }) == Status::bad_weights);
    // Same bytes, different meaning: 2 heads of 6 and 3 heads of 4.
    const Shape two{.model_dim = 12, .heads = 2, .max_keys = 8},
        three{.model_dim = 12, .heads = 3, .max_keys = 8};
    REQUIRE(weights_bytes(two) == weights_bytes(three));
    CHECK(check_weights(three, packed(two, some_weights(two)).span()).status ==
          Status::bad_weights);
}

TEST_CASE("weights: any flipped bit is noticed") {
    const Arena blob = packed(shape, some_weights());
    const std::span<std::byte> bytes = blob.span();
    std::vector<std::size_t> checksum;  // the bytes of the header that belong to the CRC
    for (std::size_t i = 0; i < 64; ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            bytes[i] ^= std::byte{1} << bit;
            const Result result = check_weights(shape, bytes);
            INFO("header byte " << i << " bit " << bit);
            CHECK((result.status == Status::bad_weights || result.status == Status::bad_checksum));
            CHECK(result.argument == 2);
            if (result.status == Status::bad_checksum && bit == 0) checksum.push_back(i);
            bytes[i] ^= std::byte{1} << bit;
        }
    }
    REQUIRE(checksum.size() == 4);
    CHECK(checksum[3] == checksum[0] + 3);
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes.data() + checksum[0], 4);
    // Of every byte but itself.
    std::vector<std::byte> rest(bytes.begin(),
                                bytes.begin() + static_cast<std::ptrdiff_t>(checksum[0]));
    rest.insert(rest.end(), bytes.begin() + static_cast<std::ptrdiff_t>(checksum[0]) + 4,
                bytes.end());
    CHECK(stored == crc32(rest));

    Random random(3);
    for (int i = 0; i < repeats(2000); ++i) {
        const auto at = static_cast<std::size_t>(
            random.between(64, static_cast<std::int64_t>(bytes.size()) - 1));
        const std::byte flip{static_cast<unsigned char>(random.between(1, 255))};
        bytes[at] ^= flip;
        const Result result = check_weights(shape, bytes);
        CHECK(result.status == Status::bad_checksum);
        CHECK(result.argument == 2);
        bytes[at] ^= flip;
    }
    CHECK(check_weights(shape, bytes).ok());
}

TEST_CASE("weights: the checksum of this test is the common CRC-32") {
    const char digits[] = "123456789";
    CHECK(crc32(std::as_bytes(std::span(digits, 9))) == 0xcbf43926u);
}

TEST_CASE("weights: wrong memory is refused and not written") {
    const LayerWeights w = some_weights();
    const std::size_t bytes = weights_bytes(shape);
    const Arena blob(bytes + 64, 0, 0x44), valid_blob = packed(shape, w);
    const std::uint64_t before = hash_bytes(blob.span());
    const auto refused = [&](const Result& result, Status status, int argument) {
        CHECK(result.status == status);
        CHECK(result.argument == argument);
        CHECK(hash_bytes(blob.span()) == before);
    };
    refused(pack_weights(shape, w.tensors(), blob.span().first(bytes - 1)), Status::too_small, 3);
    refused(pack_weights(shape, w.tensors(), {}), Status::too_small, 3);
    refused(check_weights(shape, valid_blob.span().first(bytes - 1)), Status::too_small, 2);
    for (const std::size_t shift : {1u, 4u, 16u, 32u, 63u}) {
        refused(pack_weights(shape, w.tensors(), blob.span().subspan(shift, bytes)),
                Status::misaligned, 3);
        const Arena moved(bytes, shift);
        std::memcpy(moved.span().data(), valid_blob.span().data(), bytes);
        refused(check_weights(shape, moved.span()), Status::misaligned, 2);
    }
    // Another layer's, and so shorter than this one's would be: it is other weights, not a lack of
    // them, as long as the header is whole.
    Shape wider = shape;
    wider.output_dim = resolved(shape).output_dim + 32;
    refused(check_weights(wider, valid_blob.span()), Status::bad_weights, 2);
    refused(check_weights(wider, valid_blob.span().first(64)), Status::bad_weights, 2);
    refused(check_weights(wider, valid_blob.span().first(63)), Status::too_small, 2);
    Shape impossible = shape;
    impossible.kv_heads = 4;
    refused(pack_weights(impossible, w.tensors(), blob.span()), Status::bad_shape, 1);
    refused(check_weights(impossible, blob.span()), Status::bad_shape, 1);
    refused(check_weights(shape, blob.span()), Status::bad_weights, 2);
}

TEST_CASE("weights: tensors of a wrong size, or in the blob's own memory, are refused") {
    const std::size_t bytes = weights_bytes(shape);
    const Arena blob(bytes, 0, 0x44);
    const std::uint64_t before = hash_bytes(blob.span());
    const auto refused = [&](const LayerTensors& tensors, Status status, int argument) {
        const Result result = pack_weights(shape, tensors, blob.span());
        CHECK(result.status == status);
        CHECK(result.argument == argument);
        CHECK(hash_bytes(blob.span()) == before);
    };
    const LayerWeights w = some_weights();
    using Tensor = std::span<const float> LayerTensors::*;
    const std::vector<float> large(4096);
    for (const Tensor tensor :
         {&LayerTensors::query_weight, &LayerTensors::key_weight, &LayerTensors::value_weight,
          &LayerTensors::output_weight, &LayerTensors::query_bias, &LayerTensors::key_bias,
          &LayerTensors::value_bias, &LayerTensors::output_bias, &LayerTensors::extra_key,
          &LayerTensors::extra_value}) {
        const bool may_be_empty =
            tensor == &LayerTensors::query_bias || tensor == &LayerTensors::key_bias ||
            tensor == &LayerTensors::value_bias || tensor == &LayerTensors::output_bias;
        const std::size_t size = (w.tensors().*tensor).size();
        for (const std::size_t wrong : {size - 1, size + 1, std::size_t{0}}) {
            if (wrong == 0 && may_be_empty) continue;
            LayerTensors tensors = w.tensors();
            tensors.*tensor = std::span(large).first(wrong);
            refused(tensors, Status::bad_shape, 2);
        }
        LayerTensors tensors = w.tensors();
        tensors.*tensor = {reinterpret_cast<const float*>(blob.span().data() + bytes) - size, size};
        const Result result = pack_weights(shape, tensors, blob.span());
        CHECK(result.status == Status::overlap);
        CHECK((result.argument == 2 || result.argument == 3));
        CHECK(hash_bytes(blob.span()) == before);
    }
    Shape without = shape;
    without.extra_key = false;
    const Result result = pack_weights(without, w.tensors(), blob.span());
    CHECK(result.status == Status::bad_shape);
    CHECK(result.argument == 2);
}

}  // namespace
}  // namespace headroom::test
