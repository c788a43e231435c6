// Running the date model for `headroom demo`: one sentence with its times, and the held-out set.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <headroom/port.hpp>

#include "demo/date_model.hpp"
#include "demo/held_out.hpp"

namespace headroom::tools {

/// The model on a port. There is one in the program: its memory is a static array, as in firmware.
demo::DateModel& open_model(const Port& port);

/// Throws UserError with the reason if the model refuses the text.
void require_ok(demo::DateStatus status, const std::string& text);

/// One sentence on one port.
struct SentenceRun {
    demo::Answer answer;
    demo::Looks looks;
    double token_seconds;     ///< Median time of a step of the decoder,
    double sentence_seconds;  ///< and of the whole, encoder included.
    int repetitions;
};
SentenceRun run_sentence(const Port& port, const std::string& text);

/// The probability that the model gives to its least certain character.
double certainty(const demo::Answer& answer);

struct HeldOutRun {
    struct Miss {
        demo::HeldOutSentence sentence;
        std::string got;
    };
    struct Style {
        int sentences = 0, misses = 0;
    };
    std::vector<float> logits;  ///< [sentences][answer_length][target_letters]
    std::vector<Miss> misses;
    std::map<std::string, Style> styles;
    double seconds = 0.0;

    std::size_t sentences() const {
        return logits.size() / (demo::answer_length * demo::target_letters);
    }
    double exact_percent() const;
};

/// Runs the whole held-out set; calls `progress` now and then with the number of sentences done.
HeldOutRun run_held_out(const Port& port, const std::function<void(std::size_t)>& progress);

/// Whether the bits are equal.
bool same_bits(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace headroom::tools
