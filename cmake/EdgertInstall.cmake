# What an installation has: the library, its headers and a CMake package. In a wheel it lies inside
# the Python package, so that find_package(edgert) works after `pip install`.
include(CMakePackageConfigHelpers)

# No "." as a folder: the targets file finds its prefix by counting the folders of its own path.
if(SKBUILD)
  set(edgert_prefix edgert/)
else()
  set(edgert_prefix "")
endif()
set(edgert_cmake_dir ${edgert_prefix}lib/cmake/edgert)

install(TARGETS edgert EXPORT edgertTargets LIBRARY DESTINATION ${edgert_prefix}lib)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/csrc/edgert DESTINATION ${edgert_prefix}include FILES_MATCHING PATTERN "*.h")
target_include_directories(edgert INTERFACE $<INSTALL_INTERFACE:${edgert_prefix}include>)
set_target_properties(edgert PROPERTIES INSTALL_RPATH "$ORIGIN")
install(EXPORT edgertTargets NAMESPACE edgert:: DESTINATION ${edgert_cmake_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/edgertConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/edgertConfig.cmake INSTALL_DESTINATION ${edgert_cmake_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/edgertConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/edgertConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/edgertConfigVersion.cmake
  DESTINATION ${edgert_cmake_dir})
if(POLICY CMP0177)  # destinations are normalised: "./" stands for the package itself
  cmake_policy(SET CMP0177 NEW)
endif()
if(TARGET _native)
  install(TARGETS _native LIBRARY DESTINATION ./${edgert_prefix})
endif()
if(TARGET edgert_gstreamer)
  set_target_properties(edgert_gstreamer PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS edgert_gstreamer LIBRARY DESTINATION ${edgert_prefix}lib)
endif()
if(TARGET edgert_cuda)
  install(TARGETS edgert_cuda LIBRARY DESTINATION ${edgert_prefix}lib)
endif()
