# cmake -DOBJDUMP= -DOBJCOPY= -DFROM=<object> -DTO=<object> -P kernel_sections.cmake: a copy of a port's
# object whose code lies in sections .text.headroom.*, so that a linker script can place the kernels.
#
# Done after compiling, since GCC ignores a section attribute on templates, which all kernels are. Tools
# that do not know the object's format (a cross compiler beside the host's binutils) leave it as it is:
# where kernels lie in memory is no reason not to build.
execute_process(COMMAND ${OBJDUMP} -h ${FROM} OUTPUT_VARIABLE table ERROR_QUIET)
string(REGEX MATCHALL "[ \t]\\.text\\.[^ \t\n]+" sections "${table}")
set(renames "")
foreach(section IN LISTS sections)
    string(STRIP "${section}" section)
    if(NOT section MATCHES "^\\.text\\.headroom\\.")
        string(REGEX REPLACE "^\\.text" ".text.headroom" renamed "${section}")
        string(APPEND renames "--rename-section ${section}=${renamed}\n")
    endif()
endforeach()
# In a file: a command line has no room for some hundred long names.
file(WRITE ${TO}.renames "${renames}")
execute_process(COMMAND ${OBJCOPY} @${TO}.renames ${FROM} ${TO} RESULT_VARIABLE status
                ERROR_VARIABLE error)
if(NOT status EQUAL 0)
    message(STATUS "headroom: kernels stay in their sections, set CMAKE_OBJCOPY: ${error}")
    file(COPY_FILE ${FROM} ${TO})
endif()
