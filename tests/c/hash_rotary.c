// Rotary tables of a configuration, and what they rotate.
#include "c/hash.h"

void hash_rotary(const hr_port* port, const struct rotary_configuration* c, struct inputs* in,
                 uint64_t* hash) {
    static float cosines[POSITIONS * 8], sines[POSITIONS * 8], out[20 * 3 * 18];
    const hr_rotary_parameters parameters = {.dim = c->dim,
                                             .base = c->base,
                                             .scaling = c->scaling,
                                             .factor = c->factor,
                                             .original_positions = c->original_positions,
                                             .beta_fast = c->beta_fast,
                                             .beta_slow = c->beta_slow,
                                             .attention_factor = c->attention_factor};
    const size_t count = hr_rotary_table_size(c->dim, POSITIONS);
    const hr_rotary_tables tables = {.dim = c->dim,
                                     .pairs = c->interleaved,
                                     .positions = POSITIONS,
                                     .cos = cosines,
                                     .sin = sines,
                                     .count = count};
    must(hr_build_rotary(&parameters, c->first_position, POSITIONS, cosines, sines, count),
         "build");
    must(hr_rotate(port, hr_const_token_major(in->query, 20 * 3 * 18, 2, 10, 3, 18),
                   hr_head_major(out, 20 * 3 * 18, 2, 3, 10, 18), &tables, in->positions, 20),
         "rotate");
    add_floats(hash, cosines, count);
    add_floats(hash, sines, count);
    add_floats(hash, out, 20 * 3 * 18);
}
