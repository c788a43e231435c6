# Arm Cortex-M7 with double precision.
set(CMAKE_SYSTEM_PROCESSOR cortex-m7)
set(cortex_m_flags "-mcpu=cortex-m7 -mfloat-abi=hard")
set(cortex_m_machine mps2-an500)
include(${CMAKE_CURRENT_LIST_DIR}/shared/arm_none_eabi.cmake)
