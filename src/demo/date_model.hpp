// A small transformer that rewrites dates as people write them: "3rd of May 1979" -> "1979-05-03".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/port.hpp>
#include <headroom/status.hpp>

#include "demo/date_shape.hpp"
#include "demo/date_weights.hpp"

namespace headroom::demo {

/// All the memory of one model, beside its weights: make it static, or put it where you like. Its
/// contents mean nothing between two texts.
struct Arenas {
    // One for all encoder layers: a layer's keys and values are of no use to the next one.
    alignas(64) std::byte encoder_state[EncoderAttention::state_bytes];
    alignas(64) std::byte decoder_state[DecoderAttention::state_bytes];
    alignas(64) std::byte cross_state[CrossAttention::state_bytes];
    // One for all attention layers: nothing in it outlives a call.
    alignas(64) std::byte scratch[EncoderAttention::scratch_bytes];
    alignas(64) float rows[longest_text][width];    // the tokens
    alignas(64) float branch[longest_text][width];  // what is added to them; in the end, the memory
};
static_assert(sizeof(Arenas::scratch) >= DecoderAttention::scratch_bytes &&
              sizeof(Arenas::scratch) >= CrossAttention::scratch_bytes);

enum class DateStatus : std::uint8_t {
    ok,          ///< Done.
    empty,       ///< The text has no characters.
    too_long,    ///< The text has more than longest_text bytes.
    not_open,    ///< open() has not succeeded.
    no_text,     ///< write() without read(), or the answer is complete already.
    overwritten  ///< An attention layer refused its state: the arenas have been written to.
};

/// One line of English for a status; never null, static storage.
const char* describe(DateStatus status) noexcept;

/// The characters written, a zero after them, and the logits that each was the largest of.
struct Answer {
    char text[answer_length + 1] = {};
    float logits[answer_length][target_letters] = {};
};

/// Where the model looked in the text while it chose each character of the answer: cross-attention
/// weights, the mean of the four heads. Each row sums up to 1.
struct Looks {
    float weights[answer_length][longest_text] = {};
};

/// The model: two encoder layers, one decoder layer, 64 wide, 4 heads, 100,683 parameters. The
/// three uses of attention are
///
///   encoder   self-attention over the text, filled up with padding that nothing may see
///   decoder   causal self-attention with a KV cache, one character at a time
///   cross     attention from the answer to the text, whose keys and values are computed once
///
/// No heap, no global state. Equal texts give equal logits, bit for bit, on every port.
class DateModel {
public:
    /// Binds the model to a port, to weights and to memory, which must stay where they are.
    ///   1 port   2 weights   3 arenas
    /// Returns ok, or what the first attention layer with an objection returned: unsupported_port,
    /// or misaligned, too_small, bad_weights, bad_checksum. Reads all attention weights once.
    Result open(const Port& port, const DateWeights& weights, Arenas& arenas) noexcept;

    /// Rewrites a text of 1 to 48 bytes, in UTF-8 or any superset of ASCII; a terminating zero
    /// would count as a character. Whatever the text is, the model answers: with sense only if it
    /// is a date. `empty`, `too_long` and `not_open` leave the answer as it was.
    DateStatus translate(std::span<const char> text, Answer& answer) noexcept;

    /// The same, and shows where the model looked. Costs two more passes over the cross-attention's
    /// scores and does not change the answer.
    DateStatus translate(std::span<const char> text, Answer& answer, Looks& looks) noexcept;

    /// The same in steps: read() runs the encoder, each write() adds a character to the answer.
    DateStatus read(std::span<const char> text) noexcept;
    DateStatus write(Answer& answer) noexcept;
    DateStatus write(Answer& answer, Looks& looks) noexcept;

    /// Characters written since read().
    int written() const noexcept { return written_; }

    /// read() of a text that is tokens already: `length` of them, from 1 to 48. Those that follow
    /// are padding, whatever they are. One that does not exist counts as unknown.
    DateStatus read_tokens(std::span<const std::uint8_t, longest_text> tokens, int length) noexcept;

private:
    template <class... Features>
    DateStatus write_character(Answer& answer, const Features&... features) noexcept;
    bool encode(const std::uint8_t* tokens, std::int64_t length) noexcept;

    EncoderAttention encoder_[encoder_layers];
    DecoderAttention decoder_;
    CrossAttention cross_;
    const DateWeights* weights_ = nullptr;
    Arenas* arenas_ = nullptr;
    int written_ = answer_length;  // nothing to write before read()
    int previous_ = begin_token;
};

}  // namespace headroom::demo
