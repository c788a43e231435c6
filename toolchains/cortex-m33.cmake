# Arm Cortex-M33 with single precision. Built, not run.
set(CMAKE_SYSTEM_PROCESSOR cortex-m33)
set(cortex_m_flags "-mcpu=cortex-m33 -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/shared/arm_none_eabi.cmake)
