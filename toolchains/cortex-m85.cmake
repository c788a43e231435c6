# Arm Cortex-M85 with double precision and Helium. Built, not run. GCC knows -mcpu=cortex-m85 from 13
# on; its architecture it knows longer.
set(CMAKE_SYSTEM_PROCESSOR cortex-m85)
set(cortex_m_flags "-march=armv8.1-m.main+mve.fp+fp.dp -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/shared/arm_none_eabi.cmake)
