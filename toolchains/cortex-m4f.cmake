# Arm Cortex-M4 with single precision.
set(CMAKE_SYSTEM_PROCESSOR cortex-m4f)
set(cortex_m_flags "-mcpu=cortex-m4 -mfloat-abi=hard")
set(cortex_m_machine mps2-an386)
include(${CMAKE_CURRENT_LIST_DIR}/shared/arm_none_eabi.cmake)
