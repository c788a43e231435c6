// Runs a configuration on a port and records what comes out.
#pragma once

#include <headroom/headroom.h>

#include "bits/configuration.hpp"
#include "bits/record.hpp"

namespace headroom::bits {

void run_attend(const Configuration& configuration, const hr_port* port, Record& record);
void run_cached(const Configuration& configuration, const hr_port* port, Record& record);
void run_layer(const Configuration& configuration, const hr_port* port, Record& record);
void run_rotary(const Configuration& configuration, const hr_port* port, Record& record);

/// Whichever of them is the configuration's kind.
Record run(const Configuration& configuration, const hr_port* port, bool prints = false);

}  // namespace headroom::bits
