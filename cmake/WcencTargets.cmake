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

# Two object libraries, <name>_core and <name>_ffmpeg. Further arguments are definitions: a second set can be compiled
# with the switches of a test build. The row kernels in C are loops that vectors do several times as fast, which takes
# -O3 with GCC.
function(wcenc_add_objects name)
  if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/kernel_c.c PROPERTIES
      COMPILE_OPTIONS "$<$<NOT:$<CONFIG:Debug>>:-O3>")
  endif()
  list(TRANSFORM WCENC_CORE_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE core_sources)
  list(TRANSFORM WCENC_FFMPEG_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE ffmpeg_sources)
  add_library(${name}_core OBJECT ${core_sources})
  add_library(${name}_ffmpeg OBJECT ${ffmpeg_sources})
  target_link_libraries(${name}_ffmpeg PRIVATE PkgConfig::FFMPEG)
  foreach(objects ${name}_core ${name}_ffmpeg)
    wcenc_compile_settings(${objects})
    target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR}/include)
    target_compile_definitions(${objects} PRIVATE WCENC_BUILDING ${ARGN})
    target_link_libraries(${objects} PRIVATE Threads::Threads)
    set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
  endforeach()
endfunction()

# The library that is installed, shared or static.
function(wcenc_add_library target kind)
  add_library(${target} ${kind} $<TARGET_OBJECTS:wcenc_core> $<TARGET_OBJECTS:wcenc_ffmpeg>)
  add_library(wcenc::${target} ALIAS ${target})
  wcenc_compile_settings(${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE PkgConfig::FFMPEG Threads::Threads m)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME wcenc VERSION ${PROJECT_VERSION}
    SOVERSION ${WCENC_ABI_VERSION} LINKER_LANGUAGE C)
  if(kind STREQUAL "STATIC")
    target_compile_definitions(${target} INTERFACE WCENC_STATIC)
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # Threads of the library may still be leaving its code when the last user unloads it.
    target_link_options(${target} PRIVATE -Wl,-z,nodelete)
    if(NOT WCENC_SANITIZE)
      target_link_options(${target} PRIVATE -Wl,-z,defs)
    endif()
  endif()
endfunction()
