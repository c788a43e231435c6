"""The date model: a small encoder-decoder transformer, and how text becomes its tokens.

Everything is f32, pre-LayerNorm, ReLU. The source is the sentence, one token for each byte;
the target is the ten characters of the ISO date, so that no end token is needed.
"""

import torch
from torch import nn
from torch.nn import functional

from dates import MAX_INPUT

ALPHABET = " ',-./0123456789abcdefghijklmnopqrstuvwxyz"
PADDING, UNKNOWN, FIRST_LETTER = 0, 1, 2  # source tokens: FIRST_LETTER + index in ALPHABET
SOURCE_TOKENS = FIRST_LETTER + len(ALPHABET)

OUTPUT_ALPHABET = "0123456789-"           # target tokens: the index; the same for the logits
BEGIN = len(OUTPUT_ALPHABET)              # only ever an input of the decoder
TARGET_TOKENS = BEGIN + 1
OUTPUT_LENGTH = 10

WIDTH, HEADS, EPSILON = 64, 4, 1e-5
ENCODER_LAYERS, DECODER_LAYERS, FEED_FORWARD = 2, 1, 64

TOKEN_OF_BYTE = [UNKNOWN] * 256
for index, letter in enumerate(ALPHABET):
    TOKEN_OF_BYTE[ord(letter)] = TOKEN_OF_BYTE[ord(letter.upper())] = FIRST_LETTER + index


def source_tokens(text):
    """One token for each byte of the UTF-8 text; A to Z are folded to a to z."""
    return [TOKEN_OF_BYTE[byte] for byte in text.encode("utf-8")]


def target_tokens(answer):
    return [OUTPUT_ALPHABET.index(letter) for letter in answer]


class EncoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.self_attn = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.norm2 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.ff1 = nn.Linear(WIDTH, FEED_FORWARD)
        self.ff2 = nn.Linear(FEED_FORWARD, WIDTH)

    def forward(self, x, padding):
        y = self.norm1(x)
        x = x + self.self_attn(y, y, y, key_padding_mask=padding, need_weights=False)[0]
        return x + self.ff2(functional.relu(self.ff1(self.norm2(x))))


class DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.self_attn = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.norm2 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.cross_attn = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.norm3 = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.ff1 = nn.Linear(WIDTH, FEED_FORWARD)
        self.ff2 = nn.Linear(FEED_FORWARD, WIDTH)

    def forward(self, x, future, memory, padding):
        y = self.norm1(x)
        x = x + self.self_attn(y, y, y, attn_mask=future, need_weights=False)[0]
        y = self.norm2(x)
        x = x + self.cross_attn(y, memory, memory, key_padding_mask=padding,
                                need_weights=False)[0]
        return x + self.ff2(functional.relu(self.ff1(self.norm3(x))))


class DateModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.source_embedding = nn.Embedding(SOURCE_TOKENS, WIDTH)
        self.source_position = nn.Embedding(MAX_INPUT, WIDTH)
        self.encoder = nn.ModuleList(EncoderLayer() for _ in range(ENCODER_LAYERS))
        self.encoder_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.target_embedding = nn.Embedding(TARGET_TOKENS, WIDTH)
        self.target_position = nn.Embedding(OUTPUT_LENGTH, WIDTH)
        self.decoder = nn.ModuleList(DecoderLayer() for _ in range(DECODER_LAYERS))
        self.decoder_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.output = nn.Linear(WIDTH, len(OUTPUT_ALPHABET))
        for embedding in (self.source_embedding, self.source_position,
                          self.target_embedding, self.target_position):
            nn.init.normal_(embedding.weight, std=0.5)
        nn.init.zeros_(self.source_embedding.weight[PADDING].detach())

    def encode(self, source):
        """source [batch][length] of tokens -> memory [batch][length][WIDTH], padding mask."""
        padding = source == PADDING
        x = self.source_embedding(source) + self.source_position.weight[:source.shape[1]]
        for layer in self.encoder:
            x = layer(x, padding)
        return self.encoder_norm(x), padding

    def decode(self, previous, memory, padding):
        """previous [batch][steps]: BEGIN, then characters -> logits of the next characters."""
        steps = previous.shape[1]
        future = torch.ones(steps, steps, dtype=torch.bool).triu(1)
        x = self.target_embedding(previous) + self.target_position.weight[:steps]
        for layer in self.decoder:
            x = layer(x, future, memory, padding)
        return self.output(self.decoder_norm(x))

    def forward(self, source, previous):
        return self.decode(previous, *self.encode(source))


def pad(sources):
    """Lists of tokens as one tensor, filled up with PADDING to the longest."""
    longest = max(map(len, sources))
    return torch.tensor([tokens + [PADDING] * (longest - len(tokens)) for tokens in sources])


@torch.no_grad()
def answers(model, texts):
    """Greedy decoding: each text's answer and its logits [text][step][output token]."""
    memory, padding = model.encode(pad([source_tokens(text) for text in texts]))
    previous = torch.full((len(texts), 1), BEGIN)
    for _ in range(OUTPUT_LENGTH):
        logits = model.decode(previous, memory, padding)
        previous = torch.cat((previous, logits[:, -1:].argmax(-1)), 1)
    letters = ["".join(OUTPUT_ALPHABET[token] for token in row) for row in previous[:, 1:].tolist()]
    return letters, logits


def wrong_answers(model, examples, batch=500):
    """The examples that the model gets wrong, each with its answer."""
    examples = sorted(examples, key=lambda example: len(example.text))
    wrong = []
    for start in range(0, len(examples), batch):
        part = examples[start:start + batch]
        letters, _ = answers(model, [example.text for example in part])
        wrong += [(example, got) for example, got in zip(part, letters)
                  if got != example.answer]
    return wrong
