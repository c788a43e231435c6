# The cases on a board, which cannot walk folders: a script lists them. All of them, or where the
# arithmetic is slow those of a list.
message(STATUS "headroom: test conformance_program left out: a board cannot make folders")
set(list ${CMAKE_CURRENT_SOURCE_DIR}/board_cases.txt)
if(HEADROOM_BOARD_CONFORMANCE STREQUAL "all")
    set(list all)
endif()
headroom_conformance_test(
    conformance sh ${checks}/board_conformance.sh ${HEADROOM_CONFORMANCE} ${list}
    ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:headroom_conformance>)
