# All cases on a board. It cannot walk folders: a script lists them.
message(STATUS "headroom: test conformance_program left out: a board cannot make folders")
headroom_conformance_test(
    conformance sh ${checks}/board_conformance.sh ${HEADROOM_CONFORMANCE}
    ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:headroom_conformance>)
