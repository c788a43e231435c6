# Copied with the folder: ports/README.md says what to change. `headroom_port` is in ports.cmake.
headroom_port(
    NAME template          # the folder's name, and Port::name
    PRIORITY 15            # best_port() takes the highest that runs: scalar has 0, vector ports 20 and up
    PROCESSOR ".*"         # a regular expression of CMAKE_SYSTEM_PROCESSOR
    SOURCES port.cpp DETECT detect.cpp
    FLAGS)                 # what port.cpp alone is compiled with, such as -mavx2
