headroom_board(PROCESSOR cortex-m4f? SOURCES shared/cmsdk_timer.cpp)
