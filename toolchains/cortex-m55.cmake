# Arm Cortex-M55 with double precision and Helium (MVE) for integers and floats.
set(CMAKE_SYSTEM_PROCESSOR cortex-m55)
set(cortex_m_flags "-mcpu=cortex-m55 -mfloat-abi=hard")
set(cortex_m_machine mps3-an547)
include(${CMAKE_CURRENT_LIST_DIR}/shared/arm_none_eabi.cmake)
