// The peers that this machine has.
#pragma once

#include "bench/peers/peer.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace bench {

struct PeerModule {
    std::string name;
    const Peer* peer = nullptr;  // null: skipped
    std::string words;           // its version; or why it was skipped
};

// Every peer that there can be.
const std::vector<std::string>& known_peers();

// Loads the wanted peers from a folder: the module built for this port if there is one, else the
// one built for all, else (for scalar ports) the widest. Before, it sets what the libraries read
// from the environment: one thread, and no wider instructions than the port has. So a process can
// serve one port only.
std::vector<PeerModule> load_peers(const std::vector<std::string>& wanted, const std::string& port,
                                   const std::filesystem::path& folder);

}  // namespace bench
