# Arm Cortex-M3: no floating point in hardware.
set(CMAKE_SYSTEM_PROCESSOR cortex-m3)
set(cortex_m_flags "-mcpu=cortex-m3 -mfloat-abi=soft")
set(cortex_m_machine mps2-an385)
include(${CMAKE_CURRENT_LIST_DIR}/shared/arm_none_eabi.cmake)
