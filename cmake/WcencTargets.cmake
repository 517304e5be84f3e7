# How targets of the project are compiled and linked. Everything is set per target.

# Warnings and sanitizers, for every target of the project.
function(wcenc_compile_settings target)
  target_compile_features(${target} PRIVATE c_std_11)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
  if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
    if(WCENC_WERROR)
      target_compile_options(${target} PRIVATE -Werror)
    endif()
  endif()
  if(WCENC_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${WCENC_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${WCENC_SANITIZE})
  endif()
endfunction()

# Looks for the library of an option WCENC_<name>, as pkg-config knows it, and sets WCENC_HAS_<name>.
macro(wcenc_find_optional name package)
  set(WCENC_HAS_${name} FALSE)
  if(WCENC_${name} STREQUAL "ON")
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${package})
  elseif(WCENC_${name} STREQUAL "AUTO")
    pkg_check_modules(${name} IMPORTED_TARGET ${package})
  elseif(NOT WCENC_${name} STREQUAL "OFF")
    message(FATAL_ERROR "WCENC_${name}: \"${WCENC_${name}}\" is not valid; use AUTO, ON or OFF")
  endif()
  if(TARGET PkgConfig::${name} AND NOT WCENC_${name} STREQUAL "OFF")
    set(WCENC_HAS_${name} TRUE)
    set_property(GLOBAL APPEND PROPERTY WCENC_LIBRARIES ${name})
    string(REGEX REPLACE "[<>=].*" "" ${name}_package ${package})
    string(APPEND WCENC_PC_REQUIRES " ${${name}_package}")
  endif()
endmacro()

# Declares the module in src/<folder>: its sources, the modules whose headers it may include, and the libraries whose
# headers it includes: FFMPEG, VPX, AOM, OPENH264.
function(wcenc_module folder)
  cmake_parse_arguments(PARSE_ARGV 1 module "FFMPEG;VPX;AOM;OPENH264" "" "USES;SOURCES")
  set_property(GLOBAL APPEND PROPERTY WCENC_MODULES ${folder})
  set_property(GLOBAL PROPERTY WCENC_${folder}_SOURCES ${module_SOURCES})
  set_property(GLOBAL PROPERTY WCENC_${folder}_USES ${module_USES})
  set_property(GLOBAL PROPERTY WCENC_${folder}_LIBRARIES "")
  foreach(library FFMPEG VPX AOM OPENH264)
    if(module_${library})
      set_property(GLOBAL APPEND PROPERTY WCENC_${folder}_LIBRARIES ${library})
    endif()
  endforeach()
endfunction()

# Compiles every module as an object library, <name>_<module>. Further arguments are definitions: a second set can be
# compiled with the switches of a test build. The row kernels in C, and what OpenH264's pictures are measured
# with, are loops that vectors do several times as fast, which takes -O3 with GCC.
function(wcenc_add_objects name)
  if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/convert/kernel_c.c
      ${PROJECT_SOURCE_DIR}/src/backend/openh264/openh264_activity.c PROPERTIES
      COMPILE_OPTIONS "$<$<NOT:$<CONFIG:Debug>>:-O3>")
  endif()
  get_property(folders GLOBAL PROPERTY WCENC_MODULES)
  foreach(folder ${folders})
    get_property(sources GLOBAL PROPERTY WCENC_${folder}_SOURCES)
    get_property(uses GLOBAL PROPERTY WCENC_${folder}_USES)
    get_property(libraries GLOBAL PROPERTY WCENC_${folder}_LIBRARIES)
    get_property(optional GLOBAL PROPERTY WCENC_LIBRARIES)
    string(REPLACE "/" "_" objects ${name}_${folder})
    list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/src/${folder}/)
    list(TRANSFORM uses PREPEND ${PROJECT_SOURCE_DIR}/src/)
    add_library(${objects} OBJECT ${sources})
    wcenc_compile_settings(${objects})
    target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR}/include ${uses})
    target_compile_definitions(${objects} PRIVATE ${ARGN})
    target_link_libraries(${objects} PRIVATE Threads::Threads)
    foreach(library ${libraries})
      target_link_libraries(${objects} PRIVATE PkgConfig::${library})
    endforeach()
    foreach(library ${optional})
      target_compile_definitions(${objects} PRIVATE WCENC_HAS_${library})
    endforeach()
    set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    set_property(GLOBAL APPEND PROPERTY WCENC_OBJECTS_${name} ${objects})
  endforeach()
endfunction()

# Links the objects of every module into a target.
function(wcenc_link_objects target name)
  get_property(all GLOBAL PROPERTY WCENC_OBJECTS_${name})
  foreach(objects ${all})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
  endforeach()
  get_property(optional GLOBAL PROPERTY WCENC_LIBRARIES)
  list(TRANSFORM optional PREPEND PkgConfig::)
  target_link_libraries(${target} PRIVATE PkgConfig::FFMPEG ${optional} Threads::Threads ${CMAKE_DL_LIBS} m)
endfunction()

# The same for a program of the tests, which may include the headers of every module.
function(wcenc_link_modules target name)
  get_property(folders GLOBAL PROPERTY WCENC_MODULES)
  list(TRANSFORM folders PREPEND ${PROJECT_SOURCE_DIR}/src/)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include ${folders})
  wcenc_link_objects(${target} ${name})
endfunction()

# The library that is installed, shared or static.
function(wcenc_add_library target kind)
  add_library(${target} ${kind})
  wcenc_link_objects(${target} wcenc)
  add_library(wcenc::${target} ALIAS ${target})
  wcenc_compile_settings(${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME wcenc VERSION ${PROJECT_VERSION}
    SOVERSION ${WCENC_ABI_VERSION} LINKER_LANGUAGE C)
  if(kind STREQUAL "SHARED" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # Threads of the library may still be leaving its code when the last user unloads it.
    target_link_options(${target} PRIVATE -Wl,-z,nodelete)
    if(NOT WCENC_SANITIZE)
      target_link_options(${target} PRIVATE -Wl,-z,defs -Wl,--version-script=${PROJECT_SOURCE_DIR}/src/wcenc.map)
      set_target_properties(${target} PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/src/wcenc.map)
    endif()
  endif()
endfunction()
