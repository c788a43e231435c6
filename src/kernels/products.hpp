// What a port with one float in a register does the products of a tile by: up to four rows at a
// time, in blocks of columns.
//
//   rows by rows     a r: a[0] a[1] ...       b c: b[0] b[1] ...        along both: plain keys
//   rows by panel    a r: a[0] a[1] ...       b 0: b[0] b[1] b[2] ...   along a: panels, values
//                                             b 1: b[0] b[1] b[2] ...
#pragma once

#include <headroom/tensor.hpp>

namespace headroom::detail {

// A block is four columns of four rows, all of which must be there: a row may be there twice. Of
// each row by itself it is eight columns (by rows) or 16 (by a panel). Afterwards `out` points
// behind what was written; by four rows `b` and `blocks` are used up, by each they are as before.
struct Products {
    const float* a[4];  // rows
    const float* b;
    Index b_step;  // floats between rows of b
    Index n;       // products of a sum; even; by rows: at least 2
    Index blocks;  // at least 1
    float* out[4];
    float factor[4];  // of the sums; by rows: the same for all
    float zero;       // by a panel: is added last
    float poison;     // by a panel: becomes NaN or infinite if an output is, or is very large
    int from_zero;    // by a panel: sums start at +0, else at what `out` holds
};

}  // namespace headroom::detail
