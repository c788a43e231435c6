// The date model's sizes, and the shapes of its attention layers. The weights are packed for these
// shapes when the project is built, so the generator reads them here as well.
#pragma once

#include <headroom/multi_head_attention.hpp>

namespace headroom::demo {

inline constexpr int width = 64;  // of a token, of a feed-forward layer, of everything
inline constexpr int heads = 4;
inline constexpr int encoder_layers = 2;
inline constexpr float norm_epsilon = 1e-5f;

inline constexpr int longest_text = 48;   // bytes, one token each
inline constexpr int answer_length = 10;  // "1979-05-03"

// Source tokens. Letters are folded to lower case; any other byte is unknown.
inline constexpr char source_alphabet[] = " ',-./0123456789abcdefghijklmnopqrstuvwxyz";
inline constexpr int padding_token = 0;
inline constexpr int unknown_token = 1;
inline constexpr int first_letter_token = 2;
inline constexpr int source_tokens =
    first_letter_token + static_cast<int>(sizeof source_alphabet) - 1;

// Target tokens: the characters of an answer, and one to begin with, which is never an answer.
inline constexpr char target_alphabet[] = "0123456789-";
inline constexpr int target_letters = static_cast<int>(sizeof target_alphabet) - 1;
inline constexpr int begin_token = target_letters;
inline constexpr int target_tokens = target_letters + 1;

// The last layer's 11 logits are filled up with zeros, for the sake of vector registers.
inline constexpr int padded_letters = 16;

// Slices of 16 tokens: all 48 at once would be 3 % faster and take 56 KB more scratch.
inline constexpr Shape encoder_attention{
    .model_dim = width, .heads = heads, .max_queries = 16, .max_keys = longest_text};
inline constexpr Shape decoder_attention{
    .model_dim = width, .heads = heads, .max_queries = 1, .max_keys = answer_length};
inline constexpr Shape cross_attention{
    .model_dim = width, .heads = heads, .max_queries = 16, .max_keys = longest_text};

using EncoderAttention = MultiHeadAttention<encoder_attention>;
using DecoderAttention = MultiHeadAttention<decoder_attention>;
using CrossAttention = MultiHeadAttention<cross_attention>;

}  // namespace headroom::demo
