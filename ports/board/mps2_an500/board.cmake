headroom_board(PROCESSOR cortex-m7 SOURCES shared/cmsdk_timer.cpp)
