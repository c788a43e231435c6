headroom_board(PROCESSOR cortex-m55 SOURCES mps3_an547/timer.cpp)
