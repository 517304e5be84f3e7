# Installation: libraries, headers, the pkg-config file and the CMake package.

set(WCENC_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/wcenc)

set(installed_targets "")
foreach(target wcenc wcenc_static)
  if(TARGET ${target})
    list(APPEND installed_targets ${target})
  endif()
endforeach()

install(TARGETS ${installed_targets} EXPORT wcencTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/wcenc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")
install(EXPORT wcencTargets NAMESPACE wcenc:: DESTINATION ${WCENC_CMAKE_DIR} COMPONENT development)

configure_package_config_file(cmake/wcencConfig.cmake.in ${PROJECT_BINARY_DIR}/wcencConfig.cmake
  INSTALL_DESTINATION ${WCENC_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wcencConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wcencConfig.cmake ${PROJECT_BINARY_DIR}/wcencConfigVersion.cmake
  DESTINATION ${WCENC_CMAKE_DIR} COMPONENT development)

# Paths relative to the file itself, so that an installation can be moved.
file(RELATIVE_PATH WCENC_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/wcenc.pc.in ${PROJECT_BINARY_DIR}/wcenc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/wcenc.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
