# install(): headers, archive, tool, and the descriptions that find_package and pkg-config read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS headroom EXPORT headroom ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/headroom DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET headroom_tool)
    install(TARGETS headroom_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES ${PROJECT_SOURCE_DIR}/src/tools/completion.bash RENAME headroom
            DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
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
