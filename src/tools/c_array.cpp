#include "tools/c_array.hpp"

#include <string_view>

namespace headroom::tools {
namespace {

constexpr std::size_t bytes_in_a_line = 16;
constexpr std::size_t bytes_between_looks = 1 << 20;  // for a signal: a few milliseconds

// C99 has no way to align an object: there the compiler's own is used. One without is refused.
constexpr std::string_view alignment_macro =
    "#ifndef HEADROOM_ALIGN_64\n"
    "#if defined(__cplusplus)\n"
    "#define HEADROOM_ALIGN_64 alignas(64)\n"
    "#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n"
    "#define HEADROOM_ALIGN_64 _Alignas(64)\n"
    "#elif defined(__GNUC__)\n"
    "#define HEADROOM_ALIGN_64 __attribute__((aligned(64)))\n"
    "#elif defined(_MSC_VER)\n"
    "#define HEADROOM_ALIGN_64 __declspec(align(64))\n"
    "#else\n"
    "#error \"define HEADROOM_ALIGN_64 so that it aligns an object to 64 bytes\"\n"
    "#endif\n"
    "#endif\n";

// Of C and of C++, each between two spaces.
constexpr std::string_view keywords =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t "
    "char32_t"
    " class co_await co_return co_yield compl concept const const_cast consteval constexpr "
    "constinit continue"
    " decltype default delete do double dynamic_cast else enum explicit export extern false float "
    "for friend"
    " goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq "
    "private"
    " protected public register reinterpret_cast requires restrict return short signed sizeof "
    "static"
    " static_assert static_cast struct switch template this thread_local throw true try typedef "
    "typeid"
    " typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t while xor "
    "xor_eq ";

std::string without_comment_ends(std::string text) {
    // A tensor's name may hold anything, also the end of this comment.
    for (char& c : text) {
        if (c == '*' || c == '\\' || static_cast<unsigned char>(c) < ' ') c = '_';
    }
    return text;
}

}  // namespace

std::string upper(std::string name) {
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return name;
}

bool is_identifier(const std::string& name) {
    static constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    if (name.find_first_not_of(letters) != std::string::npos) return false;
    return keywords.find(" " + name + " ") == std::string_view::npos;
}

std::string c_array(const std::string& name, std::span<const std::byte> bytes,
                    const std::vector<std::string>& comment, const InterruptWatch& watch) {
    const std::string guard = "HEADROOM_" + upper(name) + "_H";
    std::string text = "/* Made by `headroom pack`: do not edit.\n *\n";
    for (const std::string& line : comment) {
        text += line.empty() ? " *\n" : " * " + without_comment_ends(line) + "\n";
    }
    text += " */\n#ifndef " + guard + "\n#define " + guard + "\n\n";
    text += alignment_macro;
    text += "\nHEADROOM_ALIGN_64 static const unsigned char " + name + "[" +
            std::to_string(bytes.size()) + "] = {\n";

    // "255," is shorter than "0xff," and a compiler reads it faster; nobody reads the numbers.
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i % bytes_between_looks == 0) watch.throw_if_interrupted();
        text += std::to_string(std::to_integer<unsigned>(bytes[i]));
        text += (i + 1) % bytes_in_a_line == 0 || i + 1 == bytes.size() ? ",\n" : ",";
    }
    return text + "};\n\n#endif\n";
}

}  // namespace headroom::tools
