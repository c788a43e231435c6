// The date model's accuracy on the whole held-out set.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "demo/date_model.hpp"
#include "demo/held_out.hpp"
#include "support/random.hpp"

namespace headroom::test {
namespace {

TEST_CASE("demo: at least 99.8 % of the 4,000 held-out dates are exact") {
    const auto arenas = std::make_unique<demo::Arenas>();
    demo::DateModel model;
    REQUIRE(model.open(best_port(), demo::date_weights, *arenas).ok());
    const auto sentences = demo::held_out_sentences();
    REQUIRE(sentences.size() == 4000);
    const std::size_t step = sentences.size() / static_cast<std::size_t>(repeats(4000));
    int ran = 0, misses = 0;
    for (std::size_t i = 0; i < sentences.size(); i += step, ++ran) {
        const demo::HeldOutSentence& sentence = sentences[i];
        demo::Answer answer;
        REQUIRE(model.translate({sentence.text, std::strlen(sentence.text)}, answer) ==
                demo::DateStatus::ok);
        misses += std::strcmp(answer.text, sentence.answer) == 0 ? 0 : 1;
    }
    CHECK(misses <= std::max(1, ran / 500));  // at least one: the set has some
    MESSAGE((ran - misses) << " of " << ran << " exact on " << std::string(best_port().name));
}

}  // namespace
}  // namespace headroom::test
