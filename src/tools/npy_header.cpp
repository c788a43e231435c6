#include "tools/npy_header.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

constexpr std::size_t most_dimensions = 64;
constexpr std::int64_t largest_dimension = std::numeric_limits<Index>::max() / 2;

// Reads the text from left to right; each function takes one thing or throws.
class Cursor {
public:
    Cursor(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    [[noreturn]] void fail(const std::string& what) const {
        throw UserError(name_ + ": its header " + what + " at its byte " + std::to_string(at_));
    }

    /// The next character that is no white space; NUL at the end.
    char peek() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool take_if(char wanted) {
        if (peek() != wanted) return false;
        ++at_;
        return true;
    }
    void take(char wanted) {
        if (!take_if(wanted)) fail(std::string("has no '") + wanted + "'");
    }
    bool at_end() { return peek() == '\0' && at_ == text_.size(); }

    std::string quoted() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') fail("has no text in quotes");
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) fail("has an open quote");
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        if (inside.find('\\') != std::string_view::npos) fail("has an escape");
        at_ = end + 1;
        return std::string(inside);
    }

    bool boolean() {
        for (const std::string_view word : {"True", "False"}) {
            if (peek() == '\0' || text_.substr(at_, word.size()) != word) continue;
            at_ += word.size();
            return word == "True";
        }
        fail("has neither True nor False");
    }

    Index number() {
        std::int64_t n = 0;
        if (!is_digit(peek())) fail("has no natural number");
        for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
            if (n > largest_dimension / 10) fail("has a number that is out of range");
            n = n * 10 + (text_[at_] - '0');
        }
        if (n > largest_dimension) fail("has a number that is out of range");
        if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // as Python 2 wrote it
        return static_cast<Index>(n);
    }

    /// "(2, 3)", "(2,)" or "()"; "(2)" would be a number.
    Dims tuple() {
        Dims dims;
        take('(');
        bool comma = true;
        while (comma && peek() != ')') {
            dims.push_back(number());
            if (dims.size() > most_dimensions) fail("has more than 64 dimensions");
            comma = take_if(',');
        }
        take(')');
        if (dims.size() == 1 && !comma) fail("has a number where a tuple must be");
        return dims;
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

    std::string_view text_;
    const std::string& name_;
    std::size_t at_ = 0;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& name) {
    Cursor cursor(text, name);
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    const auto once = [&](bool& seen) {
        if (seen) cursor.fail("has a key twice");
        seen = true;
    };

    cursor.take('{');
    for (bool comma = true; comma && cursor.peek() != '}'; comma = cursor.take_if(',')) {
        const std::string key = cursor.quoted();
        cursor.take(':');
        if (key == "descr") {
            once(descr);
            if (cursor.peek() == '[') throw UserError(name + ": holds records, not numbers");
            header.descr = cursor.quoted();
        } else if (key == "fortran_order") {
            once(order);
            header.fortran_order = cursor.boolean();
        } else if (key == "shape") {
            once(shape);
            header.dims = cursor.tuple();
        } else {
            cursor.fail("has a key that is none of descr, fortran_order, shape");
        }
    }
    cursor.take('}');
    if (!cursor.at_end()) cursor.fail("goes on");
    if (!descr || !order || !shape) cursor.fail("lacks one of descr, fortran_order, shape");
    return header;
}

}  // namespace headroom::tools
