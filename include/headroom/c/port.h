// Ports: the same kernels, compiled for different instruction sets. All of them give the same bits.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One instruction set's kernels: a constant of the library. A program picks one and passes it on;
/// nothing is remembered between calls. Every function here takes constant time.
typedef struct hr_port hr_port;

/// The ports in this build, the preferred one first. The last is "scalar", which runs everywhere.
size_t hr_port_count(void);

/// Port `index` of them; NULL if index >= hr_port_count().
const hr_port* hr_port_at(size_t index);

/// The first of them that this processor supports; never NULL.
const hr_port* hr_best_port(void);

/// The port of that name, supported or not; NULL if this build has none or `name` is NULL. `name`
/// is zero-terminated.
const hr_port* hr_find_port(const char* name);

/// "scalar", "x86_avx2", ...; empty for NULL. Static storage.
const char* hr_port_name(const hr_port* port);

/// What the processor must have, in words for people; empty for NULL. Static storage.
const char* hr_port_needs(const hr_port* port);

/// Whether this processor (and its system) has it; false for NULL.
bool hr_port_supported(const hr_port* port);

#ifdef __cplusplus
}
#endif
