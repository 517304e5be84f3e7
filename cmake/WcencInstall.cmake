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

install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation)

# Removes what the last installation from this build wrote.
if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(uninstall COMMENT "Removing what was installed" VERBATIM
    COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/WcencUninstall.cmake)
endif()

# A program of ours that is installed finds the shared library from its own place, so that any prefix works and may be
# moved. Distributions install into directories that the loader knows, and want no RUNPATH.
function(wcenc_install_program target component)
  install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${component})
  if(WCENC_INSTALL_RUNPATH AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
    file(RELATIVE_PATH to_libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/${to_libraries}")
    target_link_options(${target} PRIVATE -Wl,--enable-new-dtags)
  endif()
endfunction()
