#include "demo/date_model.hpp"

#include "demo/layers.hpp"

namespace headroom::demo {
namespace {

struct TokenTable {
    std::uint8_t of_byte[256];
};

constexpr TokenTable make_tokens() noexcept {
    TokenTable table{};
    for (std::uint8_t& token : table.of_byte) token = unknown_token;
    for (int i = 0; source_alphabet[i] != '\0'; ++i) {
        const auto token = static_cast<std::uint8_t>(first_letter_token + i);
        const char letter = source_alphabet[i];
        table.of_byte[static_cast<unsigned char>(letter)] = token;
        if (letter >= 'a' && letter <= 'z') table.of_byte[letter - 'a' + 'A'] = token;
    }
    return table;
}
constexpr TokenTable tokens_of = make_tokens();

int known(std::uint8_t token) noexcept { return token < source_tokens ? token : unknown_token; }

std::span<const std::byte> bytes_of(PackedAttention packed) noexcept {
    return std::as_bytes(packed);
}

// Forgets the tokens of the text before. False if the state is not one.
template <class Layer>
bool clear(std::span<std::byte> state) noexcept {
    KvCache cache;
    if (!Layer::cache(state, cache).ok()) return false;
    cache.clear();
    return true;
}

// Adds the mean of the heads' weights to one row of Looks.
void add_look(void* row, const WeightsBlock& block) noexcept {
    float* to = static_cast<float*>(row) + block.first_key;
    for (const float weight : block.values) *to++ += weight / heads;
}

int largest(const float* values, int count) noexcept {
    int best = 0;
    for (int i = 1; i < count; ++i)
        if (values[i] > values[best]) best = i;
    return best;
}

}  // namespace

const char* describe(DateStatus status) noexcept {
    switch (status) {
        case DateStatus::ok:
            return "done";
        case DateStatus::empty:
            return "the text is empty";
        case DateStatus::too_long:
            return "the text is longer than 48 bytes";
        case DateStatus::not_open:
            return "the model has not been opened";
        case DateStatus::no_text:
            return "there is no text to write an answer to";
        case DateStatus::overwritten:
            return "the model's memory has been overwritten";
    }
    return "unknown status";
}

Result DateModel::open(const Port& port, const DateWeights& weights, Arenas& arenas) noexcept {
    DateModel model;
    for (int i = 0; i < encoder_layers; ++i) {
        const auto packed = bytes_of(weights.encoder[i].self_attention);
        if (const Result r = model.encoder_[i].open(port, packed); !r.ok()) return r;
    }
    if (const Result r = model.decoder_.open(port, bytes_of(weights.self_attention)); !r.ok())
        return r;
    if (const Result r = model.cross_.open(port, bytes_of(weights.cross_attention)); !r.ok())
        return r;
    model.weights_ = &weights;
    model.arenas_ = &arenas;
    *this = model;

    // All-zero headers are empty caches; whatever else was there does not matter.
    for (std::byte& b : arenas.encoder_state) b = std::byte{0};
    for (std::byte& b : arenas.decoder_state) b = std::byte{0};
    for (std::byte& b : arenas.cross_state) b = std::byte{0};
    return {};
}

DateStatus DateModel::read(std::span<const char> text) noexcept {
    if (text.empty()) return DateStatus::empty;
    if (text.size() > static_cast<std::size_t>(longest_text)) return DateStatus::too_long;
    std::uint8_t tokens[longest_text];
    for (std::uint8_t& token : tokens) token = padding_token;
    for (std::size_t i = 0; i < text.size(); ++i)
        tokens[i] = tokens_of.of_byte[static_cast<unsigned char>(text[i])];
    return read_tokens(tokens, static_cast<int>(text.size()));
}

DateStatus DateModel::read_tokens(std::span<const std::uint8_t, longest_text> tokens,
                                  int length) noexcept {
    if (arenas_ == nullptr) return DateStatus::not_open;
    if (length < 1) return DateStatus::empty;
    if (length > longest_text) return DateStatus::too_long;
    written_ = answer_length;  // until the encoder is through
    if (!encode(tokens.data(), length)) return DateStatus::overwritten;
    written_ = 0;
    previous_ = begin_token;
    return DateStatus::ok;
}

// The text becomes the memory, arenas_->branch, and the memory the keys and values of the
// cross-attention. Padding goes through the layers like any token: only valid_keys hides it.
bool DateModel::encode(const std::uint8_t* tokens, std::int64_t length) noexcept {
    Arenas& a = *arenas_;
    for (int i = 0; i < longest_text; ++i)
        add(weights_->source_embedding + known(tokens[i]) * width,
            weights_->source_position + i * width, a.rows[i]);

    const Attention without_padding{.valid_keys = {&length, 1}};
    const Rows branch =
        rows_of(std::span(&a.branch[0][0], longest_text * width), longest_text, width);
    for (int layer = 0; layer < encoder_layers; ++layer) {
        const EncoderWeights& w = weights_->encoder[layer];
        for (int i = 0; i < longest_text; ++i) normalise(a.rows[i], w.norm1, a.branch[i]);
        const EncoderAttention& attention = encoder_[layer];
        if (!clear<EncoderAttention>(a.encoder_state) ||
            !attention.forward(branch, branch, a.encoder_state, a.scratch, without_padding).ok())
            return false;
        for (int i = 0; i < longest_text; ++i) {
            add_to(a.rows[i], a.branch[i]);
            add_feed_forward(a.rows[i], w.norm2, w.dense1, w.dense2);
        }
    }
    for (int i = 0; i < longest_text; ++i)
        normalise(a.rows[i], weights_->encoder_norm, a.branch[i]);

    // The decoder need not store what it must not see.
    ConstRows memory = branch;
    memory.rows = static_cast<Index>(length);
    return clear<DecoderAttention>(a.decoder_state) && clear<CrossAttention>(a.cross_state) &&
           cross_.append_context(memory, memory, a.cross_state, a.scratch).ok();
}

// One step of the decoder. `features` go to the cross-attention.
template <class... Features>
DateStatus DateModel::write_character(Answer& answer, const Features&... features) noexcept {
    if (arenas_ == nullptr) return DateStatus::not_open;
    if (written_ == answer_length) return DateStatus::no_text;
    const DateWeights& w = *weights_;
    Arenas& a = *arenas_;
    float* const x = a.rows[0];
    const Rows branch = rows_of(a.branch[0], 1, width);

    add(w.target_embedding + previous_ * width, w.target_position + written_ * width, x);
    normalise(x, w.norm1, a.branch[0]);
    if (!decoder_.forward(branch, branch, a.decoder_state, a.scratch, {.causal = true}).ok())
        return DateStatus::overwritten;
    add_to(x, a.branch[0]);

    normalise(x, w.norm2, a.branch[0]);
    if (!cross_.attend_context(branch, branch, a.cross_state, a.scratch, {}, features...).ok())
        return DateStatus::overwritten;
    add_to(x, a.branch[0]);

    add_feed_forward(x, w.norm3, w.dense1, w.dense2);
    normalise(x, w.decoder_norm, x);
    float* const logits = answer.logits[written_];
    output_logits(x, w.output, logits);
    previous_ = largest(logits, target_letters);
    answer.text[written_] = target_alphabet[previous_];
    answer.text[++written_] = '\0';
    return DateStatus::ok;
}

DateStatus DateModel::write(Answer& answer) noexcept { return write_character(answer); }

DateStatus DateModel::write(Answer& answer, Looks& looks) noexcept {
    if (written_ == answer_length) return write(answer);  // for its status
    float* const row = looks.weights[written_];
    for (float& weight : looks.weights[written_]) weight = 0.0f;
    return write_character(answer, WeightsCallback{Stage::softmax, row, add_look});
}

DateStatus DateModel::translate(std::span<const char> text, Answer& answer) noexcept {
    DateStatus status = read(text);
    while (status == DateStatus::ok && written_ < answer_length) status = write(answer);
    return status;
}

DateStatus DateModel::translate(std::span<const char> text, Answer& answer, Looks& looks) noexcept {
    DateStatus status = read(text);
    while (status == DateStatus::ok && written_ < answer_length) status = write(answer, looks);
    return status;
}

}  // namespace headroom::demo
