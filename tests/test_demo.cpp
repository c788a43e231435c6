// The date model: the same logits on every port, close to PyTorch's, and blind to its padding.
#include "demo/date_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "demo/held_out.hpp"
#include "support/bits.hpp"
#include "support/fake_port.hpp"
#include "support/ports.hpp"
#include "support/pytorch_dates.hpp"
#include "support/random.hpp"

namespace headroom::test {
namespace {

using namespace demo;

std::span<const float> flat(const Answer& answer) {
    return {&answer.logits[0][0], answer_length * target_letters};
}

Arenas& arenas() {
    static Arenas memory;
    return memory;
}

DateModel open_on(const Port& port, const DateWeights& weights = date_weights) {
    DateModel model;
    REQUIRE(model.open(port, weights, arenas()).ok());
    return model;
}

Answer translate(DateModel& model, const std::string& text) {
    Answer answer;
    REQUIRE(model.translate(text, answer) == DateStatus::ok);
    return answer;
}

// Evenly spread over the set, whose sentences are in no order: every 40th, if nothing is scaled
// down.
std::vector<HeldOutSentence> sample() {
    std::vector<HeldOutSentence> chosen;
    const auto all = held_out_sentences();
    const std::size_t step = all.size() / static_cast<std::size_t>(repeats(100));
    for (std::size_t i = 0; i < all.size(); i += step) chosen.push_back(all[i]);
    return chosen;
}

TEST_CASE("demo: all ports give the same logits, bit for bit") {
    const auto sentences = sample();
    REQUIRE(sentences.size() >= 1);
    std::vector<Answer> want;
    for (const Port* port : runnable_ports()) {
        DateModel model = open_on(*port);
        for (std::size_t i = 0; i < sentences.size(); ++i) {
            const Answer got = translate(model, sentences[i].text);
            if (port == runnable_ports().front()) want.push_back(got);
            INFO(name_of(*port) << ": " << std::string(sentences[i].text));
            CHECK(difference(flat(want[i]), flat(got)) == "");
        }
    }
}

// Of all platforms and all times, as long as numerics_version and the weights stay.
TEST_CASE("demo: the logits of a fixed list of sentences have not changed") {
    const char* const sentences[] = {"the 3rd of May 1979",
                                     "Sat 7 Feb 26",
                                     "March 9, 2001",
                                     "ninth mar. '87",
                                     "11th Setpember 2024",
                                     "  22   june , 1941 ",
                                     "19700101",
                                     "7",
                                     "Wednesday, the twenty-second of September, 2077?",
                                     "M\xc3\xa4rz 14, 2015"};
    DateModel model = open_on(best_port());
    std::vector<float> logits;
    for (const char* text : sentences) {
        const Answer answer = translate(model, text);
        const auto values = flat(answer);
        logits.insert(logits.end(), values.begin(), values.end());
    }
    CHECK(hash_floats(logits) == 0xc01839b7925424a4u);
}

TEST_CASE("demo: logits are PyTorch's within 1e-4") {
    DateModel model = open_on(best_port());
    for (const PytorchDate& want : pytorch_dates) {
        const Answer got = translate(model, want.text);
        CHECK(std::string(got.text) == want.answer);
        float worst = 0.0f;
        for (int i = 0; i < answer_length; ++i)
            for (int j = 0; j < target_letters; ++j)
                worst = std::max(worst, std::abs(got.logits[i][j] - want.logits[i][j]));
        CHECK(worst < 1e-4f);
    }
}

TEST_CASE("demo: nothing sees the padding") {
    const std::string text = "Sat 7 Feb 26";
    // Room for a changed embedding of the padding, and for one that is not a number.
    std::vector<float> embedding(date_weights.source_embedding,
                                 date_weights.source_embedding + source_tokens * width);
    DateWeights poisoned = date_weights;
    poisoned.source_embedding = embedding.data();
    for (const Port* port : runnable_ports()) {
        INFO(name_of(*port));
        DateModel model = open_on(*port);
        const Answer want = translate(model, text);

        for (const float bad : {1e30f, std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()}) {
            std::fill_n(embedding.begin() + padding_token * width, width, bad);
            DateModel other = open_on(*port, poisoned);
            CHECK(difference(flat(want), flat(translate(other, text))) == "");
        }

        // The tokens of the text, then anything.
        for (int garbage = 0; garbage < 256; garbage += 45) {
            std::uint8_t tokens[longest_text];
            std::fill(std::begin(tokens), std::end(tokens), static_cast<std::uint8_t>(garbage));
            for (std::size_t i = 0; i < text.size(); ++i) {
                const char letter =
                    text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
                const char* const found = std::strchr(source_alphabet, letter);
                tokens[i] =
                    static_cast<std::uint8_t>(first_letter_token + (found - source_alphabet));
            }
            model = open_on(*port);
            REQUIRE(model.read_tokens(tokens, static_cast<int>(text.size())) == DateStatus::ok);
            Answer got;
            while (model.written() < answer_length) REQUIRE(model.write(got) == DateStatus::ok);
            CHECK(difference(flat(want), flat(got)) == "");
        }
    }
}

TEST_CASE("demo: what the arenas held before does not matter") {
    for (const Port* port : runnable_ports()) {
        INFO(name_of(*port));
        DateModel model = open_on(*port);
        const Answer want = translate(model, "ninth mar. '87");
        (void)translate(model, "Wednesday, the twenty-second of September, 2077?");
        CHECK(difference(flat(want), flat(translate(model, "ninth mar. '87"))) == "");

        // NaN everywhere but in the states' headers.
        Arenas& a = arenas();
        for (std::span<std::byte> state :
             {std::span<std::byte>(a.encoder_state), std::span<std::byte>(a.decoder_state),
              std::span<std::byte>(a.cross_state)})
            std::memset(state.data() + 64, 0xff, state.size() - 64);
        std::memset(a.scratch, 0xff, sizeof a.scratch);
        std::memset(a.rows, 0xff, sizeof a.rows);
        std::memset(a.branch, 0xff, sizeof a.branch);
        CHECK(difference(flat(want), flat(translate(model, "ninth mar. '87"))) == "");
    }
}

TEST_CASE("demo: looking changes nothing, and each look is a mean of weights") {
    DateModel model = open_on(best_port());
    const std::string text = "the 3rd of May 1979";
    const Answer want = translate(model, text);
    Answer got;
    Looks looks;
    for (auto& row : looks.weights) std::fill(std::begin(row), std::end(row), -1.0f);
    REQUIRE(model.translate(text, got, looks) == DateStatus::ok);
    CHECK(std::string(got.text) == "1979-05-03");
    CHECK(difference(flat(want), flat(got)) == "");
    for (const auto& row : looks.weights) {
        float sum = 0.0f;
        for (const float weight : row) sum += weight;
        CHECK(sum == doctest::Approx(1.0f));
        CHECK(std::all_of(std::begin(row) + text.size(), std::end(row),
                          [](float w) { return w == 0.0f; }));
    }
    // The last digit of the year can only come from the last digit of the text.
    CHECK(looks.weights[3][text.size() - 1] > 0.9f);
}

TEST_CASE("demo: texts that are refused, and the longest one") {
    DateModel model = open_on(best_port());
    Answer answer;
    Looks looks;
    CHECK(model.translate(std::span<const char>{}, answer) == DateStatus::empty);
    CHECK(model.translate(std::string(49, '1'), answer) == DateStatus::too_long);
    CHECK(model.translate(std::string(49, '1'), answer, looks) == DateStatus::too_long);
    CHECK(std::string(answer.text).empty());
    CHECK(model.write(answer) == DateStatus::no_text);
    CHECK(model.translate(std::string(48, '1'), answer) == DateStatus::ok);
    CHECK(std::strlen(answer.text) == answer_length);
    CHECK(model.write(answer, looks) == DateStatus::no_text);  // ten have been written

    const std::uint8_t tokens[longest_text] = {5};
    CHECK(model.read_tokens(tokens, 0) == DateStatus::empty);
    CHECK(model.read_tokens(tokens, 49) == DateStatus::too_long);
    CHECK(model.read_tokens(tokens, 1) == DateStatus::ok);

    const std::string any_byte = "\xff\x80\t\n\x01 12";
    CHECK(model.translate(any_byte, answer) == DateStatus::ok);
    CHECK(difference(flat(translate(model, "MAY 1, 1999")),
                     flat(translate(model, "may 1, 1999"))) == "");
}

TEST_CASE("demo: a model that is not open, or whose weights or memory are damaged") {
    DateModel closed;
    Answer answer;
    CHECK(closed.translate(std::string("1"), answer) == DateStatus::not_open);
    CHECK(closed.write(answer) == DateStatus::not_open);
    CHECK(closed.open(unsupported_port(), date_weights, arenas()).status ==
          Status::unsupported_port);

    struct Copy {
        alignas(64) unsigned char bytes[CrossAttention::weights_bytes];
    };
    const auto copy = std::make_unique<Copy>();
    std::memcpy(copy->bytes, date_weights.cross_attention.data(), sizeof copy->bytes);
    copy->bytes[sizeof copy->bytes / 2] ^= 1;
    DateWeights damaged = date_weights;
    damaged.cross_attention = copy->bytes;
    CHECK(closed.open(best_port(), damaged, arenas()).status == Status::bad_checksum);
    CHECK(closed.translate(std::string("1"), answer) == DateStatus::not_open);  // still as before

    DateModel model = open_on(best_port());
    CHECK(model.read(std::string("7 May 1999")) == DateStatus::ok);
    std::memset(arenas().cross_state, 0xff, 64);
    CHECK(model.write(answer) == DateStatus::overwritten);
    CHECK(model.read(std::string("7 May 1999")) == DateStatus::overwritten);
    REQUIRE(model.open(best_port(), date_weights, arenas()).ok());
    CHECK(std::string(translate(model, "7 May 1999").text) == "1999-05-07");
}

TEST_CASE("demo: every status has its own line") {
    std::vector<std::string> lines;
    for (const DateStatus status :
         {DateStatus::ok, DateStatus::empty, DateStatus::too_long, DateStatus::not_open,
          DateStatus::no_text, DateStatus::overwritten})
        lines.emplace_back(demo::describe(status));
    std::sort(lines.begin(), lines.end());
    CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
}

}  // namespace
}  // namespace headroom::test
