// write_heads_case FOLDER: a layer whose six heads are known to look at six things, and its tokens.
//
// Tokens are the rows of an identity, one for each position, so that a head's query matrix says
// position by position which key it wants. Files: layer.safetensors, x.npy, labels.txt and
// batch.npy, x twice, the second time with a NaN; the layer's name is made to break out of a page.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tools/npy_writer.hpp"
#include "tools/safetensors_file.hpp"

namespace {

constexpr std::size_t tokens = 16, heads = 6;
constexpr float height = 40.0f;  // over sqrt(16): the wanted key's score

const std::string prefix = R"(</script><script>alert("x")</script>&'<b>)";

using Wanted = std::function<float(std::size_t query, std::size_t key)>;

std::vector<float> identity(std::size_t rows) {
    std::vector<float> matrix(rows * tokens, 0.0f);
    for (std::size_t row = 0; row < rows; ++row) matrix[row * tokens + row % tokens] = 1.0f;
    return matrix;
}

// Row `key` of a head's matrix, column `query`: the score that the query gives to the key.
std::vector<float> queries(const std::vector<Wanted>& wanted) {
    std::vector<float> matrix;
    for (const Wanted& head : wanted)
        for (std::size_t key = 0; key < tokens; ++key)
            for (std::size_t query = 0; query < tokens; ++query)
                matrix.push_back(height * head(query, key));
    return matrix;
}

void write_layer(const std::filesystem::path& path) {
    const auto is = [](bool same) { return same ? 1.0f : 0.0f; };
    const std::vector<Wanted> wanted{
        [&](std::size_t query, std::size_t key) { return is(key + 1 == query); },
        [&](std::size_t query, std::size_t key) { return is(key == query); },
        [](std::size_t, std::size_t) { return 0.0f; },
        [&](std::size_t, std::size_t key) { return is(key == 0); },
        [&](std::size_t, std::size_t key) { return is(key == 5); },
        [&](std::size_t query, std::size_t key) { return is(key == query + 3); },
    };
    headroom::test::TensorFile file;
    file.add(prefix + ".q_proj.weight", {heads * tokens, tokens}, queries(wanted));
    file.add(prefix + ".k_proj.weight", {heads * tokens, tokens}, identity(heads * tokens));
    file.add(prefix + ".v_proj.weight", {heads * tokens, tokens}, identity(heads * tokens));
    file.add(prefix + ".o_proj.weight", {tokens, heads * tokens},
             std::vector<float>(tokens * heads * tokens, 0.0f));
    file.write(path);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::filesystem::path folder = argv[1];
    write_layer(folder / "layer.safetensors");
    headroom::tools::write_npy(folder / "x.npy", {tokens, tokens}, identity(tokens));
    std::vector<float> batch = identity(2 * tokens);
    batch.back() = std::numeric_limits<float>::quiet_NaN();
    headroom::tools::write_npy(folder / "batch.npy", {2, tokens, tokens}, batch);
    std::ofstream(folder / "prefix.txt") << prefix;
    std::ofstream labels(folder / "labels.txt");
    for (std::size_t i = 0; i < tokens; ++i) labels << "</script>" << i << "\n";
    return labels ? 0 : 1;
}
