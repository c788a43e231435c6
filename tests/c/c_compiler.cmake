# The C compiler that belongs to the C++ one, unless another is named: their sanitizers and their
# targets must agree.
if(NOT CMAKE_C_COMPILER AND NOT DEFINED ENV{CC})
    get_filename_component(folder ${CMAKE_CXX_COMPILER} DIRECTORY)
    get_filename_component(name ${CMAKE_CXX_COMPILER} NAME)
    string(REPLACE "clang++" "clang" name ${name})
    string(REPLACE "g++" "gcc" name ${name})
    string(REPLACE "c++" "cc" name ${name})
    if(EXISTS ${folder}/${name})
        set(CMAKE_C_COMPILER ${folder}/${name})
    endif()
endif()
enable_language(C)
