// The list of ports, and what one says about itself.
#include "c/convert.hpp"

using headroom::c::port_of;

size_t hr_port_count(void) { return headroom::ports().size(); }

const hr_port* hr_port_at(size_t index) {
    const auto all = headroom::ports();
    return index < all.size() ? port_of(all[index]) : nullptr;
}

const hr_port* hr_best_port(void) { return port_of(&headroom::best_port()); }

const hr_port* hr_find_port(const char* name) {
    return name == nullptr ? nullptr : port_of(headroom::find_port(name));
}

const char* hr_port_name(const hr_port* port) { return port == nullptr ? "" : port_of(port)->name; }

const char* hr_port_needs(const hr_port* port) {
    return port == nullptr ? "" : port_of(port)->needs;
}

bool hr_port_supported(const hr_port* port) {
    return port != nullptr && port_of(port)->supported();
}
