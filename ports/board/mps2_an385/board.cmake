headroom_board(PROCESSOR cortex-m3 SOURCES shared/cmsdk_timer.cpp)
