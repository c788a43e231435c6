# cmake -DOBJDUMP= -DOBJCOPY= -DFROM=<object> -DTO=<object> -P kernel_sections.cmake: a copy of a port's
# object whose code lies in sections .text.headroom.*, so that a linker script can place the kernels.
#
# Done after compiling, since GCC ignores a section attribute on templates, which all kernels are.
execute_process(COMMAND ${OBJDUMP} -h ${FROM} OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
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
execute_process(COMMAND ${OBJCOPY} @${TO}.renames ${FROM} ${TO} COMMAND_ERROR_IS_FATAL ANY)
