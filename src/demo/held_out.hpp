// The held-out set: sentences that the date model was not trained on, with the right answers.
#pragma once

#include <span>

namespace headroom::demo {

struct HeldOutSentence {
    const char* text;
    const char* answer;
    const char* style;  ///< How it is written: one of the styles of training/README.md.
};

/// All 4,000. The build makes them from held_out.tsv, in a library of their own: not for firmware.
std::span<const HeldOutSentence> held_out_sentences() noexcept;

}  // namespace headroom::demo
