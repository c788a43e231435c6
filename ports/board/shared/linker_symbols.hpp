// Addresses that sections.ld defines. Only the address of such a symbol means anything.
#pragma once

#include <cstdint>

extern "C" {
extern const char board_code_begin[], board_code_end[];
extern std::uint32_t board_stack_bottom[], board_stack_top[];
extern std::uint32_t board_data_begin[], board_data_end[];
extern const std::uint32_t board_data_image[];
extern std::uint32_t board_bss_begin[], board_bss_end[];
extern char board_heap_begin[], board_heap_end[];
using BoardInitialiser = void (*)();
extern const BoardInitialiser board_init_begin[], board_init_end[];
}
