# Package of the Cameo compiler: find_package(Cameo CONFIG REQUIRED).
#
# Provides
#   cameo_add_model()   compiles an ONNX model into a library target
#   Cameo::cameoc       the compiler, a program of the build machine
#   Cameo::runtime      the runtime stub, built from the installed sources by
#                       this project's own toolchain
# Reads
#   Cameo_COMPILER      path of another cameoc to use
#
# Everything is found relative to this file: the tree may be moved.

get_filename_component(Cameo_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

# The compiler runs while building, also when building for another machine.
if(NOT Cameo_COMPILER)
  set(Cameo_COMPILER "${Cameo_PREFIX}/bin/cameoc")
endif()
if(NOT EXISTS "${Cameo_COMPILER}")
  set(Cameo_FOUND FALSE)
  set(Cameo_NOT_FOUND_MESSAGE
    "there is no compiler '${Cameo_COMPILER}'; set Cameo_COMPILER to the path of cameoc")
  return()
endif()
if(NOT TARGET Cameo::cameoc)
  add_executable(Cameo::cameoc IMPORTED GLOBAL)
  set_target_properties(Cameo::cameoc PROPERTIES IMPORTED_LOCATION "${Cameo_COMPILER}")
endif()

if(NOT TARGET Cameo::runtime)
  if(NOT CMAKE_C_COMPILER_LOADED)
    enable_language(C) # the stub is C11
  endif()
  set(Cameo_STUB "${Cameo_PREFIX}/share/cameo/runtime-stub")
  add_library(cameo_runtime STATIC EXCLUDE_FROM_ALL
    "${Cameo_STUB}/src/alloc.c" "${Cameo_STUB}/src/caches.c" "${Cameo_STUB}/src/context.c"
    "${Cameo_STUB}/src/pool.c" "${Cameo_STUB}/src/status.c")
  # Position-independent: models may be linked into shared libraries.
  set_target_properties(cameo_runtime PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON POSITION_INDEPENDENT_CODE ON)
  target_include_directories(cameo_runtime SYSTEM PUBLIC "${Cameo_STUB}/include")
  # Only programs that use cameo_pool need threads.
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads QUIET)
  if(TARGET Threads::Threads)
    target_link_libraries(cameo_runtime PUBLIC Threads::Threads)
  endif()
  add_library(Cameo::runtime ALIAS cameo_runtime)
endif()

include("${CMAKE_CURRENT_LIST_DIR}/CameoAddModel.cmake")
