// Ports: the same kernels, compiled for different instruction sets. All of them give the same bits.
#pragma once

#include <span>

namespace headroom {

namespace detail {
struct Kernels;
}

/// One instruction set's kernels. Ports are constants of the library; a program picks one and
/// passes it to every call. Nothing is remembered between calls.
struct Port {
    const char* name;                ///< "scalar", "x86_avx2", ...
    const char* needs;               ///< What the processor must have, in words for people.
    bool (*supported)() noexcept;    ///< Whether this processor (and its system) has it.
    const detail::Kernels* kernels;  ///< Internal.

    /// Whether its arithmetic takes subnormal numbers for zero, because the hardware knows no other
    /// way (vectors of ARMv7 NEON and Helium). Where none occur the bits are those of all ports.
    bool flushes_subnormals = false;
};

/// Every port in this build, the preferred one first. If there are several, the last is "scalar",
/// which runs everywhere, and a call finds its kernels in a table. If there is one, it is called
/// directly: a linker with --gc-sections then drops the kernels that a program does not use.
std::span<const Port* const> ports() noexcept;

/// The first port of ports() that this processor supports; never fails. A library of one port gives
/// that port, supported or not.
const Port& best_port() noexcept;

/// The port of that name, supported or not; null if this build has none. `name` is zero-terminated.
const Port* find_port(const char* name) noexcept;

}  // namespace headroom
