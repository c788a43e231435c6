# install(): headers, archive, tool, and the descriptions that find_package and pkg-config read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS headroom EXPORT headroom ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/headroom DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET headroom_thread_pool)
    set(headroom_has_thread_pool ON)
    install(TARGETS headroom_thread_pool EXPORT headroom
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/ports/os/posix/include/headroom
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
if(TARGET headroom_tool)
    install(TARGETS headroom_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES ${PROJECT_SOURCE_DIR}/src/tools/completion.bash RENAME headroom
            DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

    # The pages come from running the tool, which a cross build cannot.
    find_program(HEADROOM_HELP2MAN help2man DOC "Makes the tool's manual pages (Debian: help2man)")
    mark_as_advanced(HEADROOM_HELP2MAN)
    if(HEADROOM_HELP2MAN AND NOT CMAKE_CROSSCOMPILING)
        set(headroom_man_pages ${CMAKE_CURRENT_BINARY_DIR}/man1)
        add_custom_command(
            OUTPUT ${headroom_man_pages}/headroom.1
            COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/man_pages.sh $<TARGET_FILE:headroom_tool>
                    ${PROJECT_VERSION} ${headroom_man_pages} ${HEADROOM_HELP2MAN}
            DEPENDS headroom_tool ${CMAKE_CURRENT_LIST_DIR}/man_pages.sh
                    ${CMAKE_CURRENT_LIST_DIR}/man_page.h2m
            COMMENT "Manual pages" VERBATIM)
        add_custom_target(headroom_man ALL DEPENDS ${headroom_man_pages}/headroom.1)
        install(DIRECTORY ${headroom_man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}
                OPTIONAL FILES_MATCHING PATTERN "*.1")
    endif()
endif()

set(headroom_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/headroom)
install(EXPORT headroom NAMESPACE headroom:: FILE headroomTargets.cmake
        DESTINATION ${headroom_config_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/headroomConfig.cmake.in headroomConfig.cmake
                              INSTALL_DESTINATION ${headroom_config_dir})
# Before 1.0 a minor version may break a program.
write_basic_package_version_file(headroomConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/headroomConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/headroomConfigVersion.cmake
        DESTINATION ${headroom_config_dir})

# The .pc file names its prefix relative to itself, so that an installed tree may be moved. A
# distribution may give absolute folders: they are kept.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(headroom_pc_prefix "${CMAKE_INSTALL_PREFIX}")
    set(headroom_pc_libdir "${CMAKE_INSTALL_FULL_LIBDIR}")
    set(headroom_pc_includedir "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
    file(RELATIVE_PATH headroom_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" headroom_up "${headroom_up}")
    set(headroom_pc_prefix "\${pcfiledir}/${headroom_up}")
    set(headroom_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(headroom_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/headroom.pc.in headroom.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/headroom.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
