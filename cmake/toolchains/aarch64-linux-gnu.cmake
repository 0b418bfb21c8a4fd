# For aarch64 boards, with Debian's cross compiler (g++-aarch64-linux-gnu); tests run in Debian's emulator (qemu-user).
# Another compiler: cmake --preset aarch64 -D CMAKE_CXX_COMPILER=aarch64-linux-gnu-g++-11
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)  # for GoogleTest's project alone
if(NOT CMAKE_CXX_COMPILER)
  set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
endif()

# Libraries and headers of the board's architecture only, programs of this machine only.
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(EDGERT_QEMU NAMES qemu-aarch64 qemu-aarch64-static DOC "What runs aarch64 programs on this machine")
if(EDGERT_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${EDGERT_QEMU};-L;/usr/aarch64-linux-gnu")
endif()
