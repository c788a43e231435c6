// Tables of build_rotary(), and rotate() with them; and which run a configuration takes.
#include "bits/features.hpp"
#include "bits/run.hpp"
#include "bits/tensors.hpp"

namespace headroom::bits {

void run_rotary(const Configuration& c, const hr_port* port, Record& record) {
    constexpr int rows = 24;
    Inputs inputs(c.seed);
    const std::ptrdiff_t half = c.rotary_dim / 2;
    const std::size_t count = hr_rotary_table_size(c.rotary_dim, rows);
    float *const cos = take<float>(rows * half), *const sin = take<float>(rows * half);
    const hr_rotary_parameters parameters = rotary_parameters(c);
    must(hr_build_rotary(&parameters, c.first_row, rows, cos, sin, count), "build");
    record.floats("cos", cos, rows, half, half);
    record.floats("sin", sin, rows, half, half);

    const hr_tensor in = take_tensor(c.layout, c.batches, c.queries, c.heads, c.key_width);
    const hr_tensor out =
        c.in_place ? in : take_tensor(c.layout, c.batches, c.queries, c.heads, c.key_width);
    fill(in, inputs);
    const int tokens = c.batches * c.queries;
    auto* const positions = take<std::int64_t>(tokens);
    for (int i = 0; i < tokens; ++i) positions[i] = inputs.number(rows);
    const hr_rotary_tables tables = {c.rotary_dim, c.pairs, rows, cos, sin, count};
    must(hr_rotate(port, read_only(in), out, &tables, positions, static_cast<std::size_t>(tokens)),
         "rotate");
    record_tensor(record, "out", out);
    record.spend(std::int64_t{2} * tokens * c.heads * c.rotary_dim);
}

Record run(const Configuration& c, const hr_port* port, bool prints) {
    Record record(prints);
    reset_memory();
    if (c.kind == Kind::attend) {
        run_attend(c, port, record);
    } else if (c.kind == Kind::cached || c.kind == Kind::ring) {
        run_cached(c, port, record);
    } else if (c.kind == Kind::rotary) {
        run_rotary(c, port, record);
    } else {
        run_layer(c, port, record);
    }
    return record;
}

}  // namespace headroom::bits
