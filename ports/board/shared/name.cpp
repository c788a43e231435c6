#include "board/board.hpp"

namespace headroom::board {

constinit const char* const name = HEADROOM_BOARD_NAME;

}  // namespace headroom::board
