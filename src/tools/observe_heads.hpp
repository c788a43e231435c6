// Running a layer on one sequence to see what its heads do.
#pragma once

#include "tools/head_maps.hpp"
#include "tools/interrupt.hpp"
#include "tools/layer_job.hpp"
#include "tools/layer_run.hpp"

namespace headroom::tools {

/// The weights and statistics of every head, as the library shows them. The words of the maps, such
/// as labels, are left to the caller. Throws UserError if the sequence has no token or no key, or
/// so many that the weights do not fit into 1 GiB, and Interrupted.
HeadMaps observe_heads(LayerJob& job, LayerRunner& runner, Index sequence,
                       const InterruptWatch& watch);

}  // namespace headroom::tools
