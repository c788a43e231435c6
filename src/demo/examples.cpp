#include "demo/examples.hpp"

#include <bit>
#include <cstring>

namespace headroom::demo {
namespace {

// A line of text in the making. What does not fit is left out.
class Line {
public:
    Line& add(char letter) noexcept {
        if (length_ < longest) text_[length_++] = letter;
        return *this;
    }
    Line& add(const char* text) noexcept {
        while (*text != '\0') add(*text++);
        return *this;
    }
    Line& add_number(std::size_t number) noexcept {
        if (number >= 10) add_number(number / 10);
        return add(static_cast<char>('0' + number % 10));
    }
    Line& add_hex(std::uint64_t number) noexcept {
        for (int shift = 60; shift >= 0; shift -= 4) add("0123456789abcdef"[number >> shift & 15]);
        return *this;
    }
    Line& fill_to(int column) noexcept {
        while (length_ < column) add(' ');
        return *this;
    }
    const char* text() noexcept {
        text_[length_] = '\0';
        return text_;
    }

private:
    static constexpr int longest = 79;
    char text_[longest + 1];
    int length_ = 0;
};

constexpr int answer_column = 28, value_column = 12;

}  // namespace

std::uint64_t hash_bits(std::span<const float> values, std::uint64_t hash) noexcept {
    for (const float value : values)
        hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3u;
    return hash;
}

DateStatus show_examples(DateModel& model, PrintLine print) noexcept {
    std::uint64_t hash = hash_of_nothing;
    for (const char* const text : examples) {
        Answer answer;
        const DateStatus status = model.translate({text, std::strlen(text)}, answer);
        if (status != DateStatus::ok) return status;
        for (const auto& row : answer.logits) hash = hash_bits(row, hash);
        print(Line().add("  \"").add(text).add('"').fill_to(answer_column).add(answer.text).text());
    }
    constexpr std::size_t logits = std::size(examples) * answer_length * target_letters;
    print(Line()
              .add("  logits")
              .fill_to(value_column)
              .add_number(logits)
              .add(", hash of their bits ")
              .add_hex(hash)
              .text());
    print(Line()
              .add("  memory")
              .fill_to(value_column)
              .add_number(sizeof(Arenas))
              .add(" bytes, static; nothing is allocated")
              .text());
    print(Line()
              .add("  weights")
              .fill_to(value_column)
              .add_number(weights_bytes)
              .add(" bytes, read in place")
              .text());
    return DateStatus::ok;
}

}  // namespace headroom::demo
