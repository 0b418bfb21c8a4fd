# What every target of edgert shares: the language, the warnings, the sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
find_package(Threads REQUIRED)

add_library(edgert_options INTERFACE)
target_compile_options(edgert_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-sign-conversion -Wnon-virtual-dtor -fno-math-errno
  # g++ 12 sees a wrong overlap in "text" + std::string (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(EDGERT_WERROR)
  target_compile_options(edgert_options INTERFACE -Werror)
endif()
if(EDGERT_SANITIZE)
  target_compile_options(edgert_options INTERFACE -fsanitize=${EDGERT_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(edgert_options INTERFACE -fsanitize=${EDGERT_SANITIZE})
endif()

# One target a layer, made of the .cc files of its folder. Its include root is csrc/.
#   edgert_layer(queue DEPENDS base)
function(edgert_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources AND NOT arg_SOURCES)
    message(FATAL_ERROR "layer ${name} has no sources")
  endif()
  add_library(edgert_${name} OBJECT ${sources} ${arg_SOURCES})
  target_include_directories(edgert_${name} PUBLIC ${PROJECT_SOURCE_DIR}/csrc)
  target_link_libraries(edgert_${name} PRIVATE edgert_options)
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(edgert_${name} PUBLIC edgert_${dependency})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY EDGERT_LAYERS edgert_${name})
endfunction()
