# Settings and functions that every folder of the compiler's build shares.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Installed tools find libMLIR and libLLVM where the build found them.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

find_program(CAMEO_CCACHE ccache)
if(CAMEO_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CAMEO_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CAMEO_CCACHE}")
endif()

# Flags of all compiler code; LLVM's own build has neither exceptions nor RTTI.
add_library(cameo_flags INTERFACE)
target_compile_options(cameo_flags INTERFACE
  -Wall -Wextra -Wno-unused-parameter
  # GCC 12 warns of its own std::string concatenation (its bug 105651).
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict$<SEMICOLON>-Wno-stringop-overflow$<SEMICOLON>-Wno-array-bounds>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fvisibility-inlines-hidden>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Xclang -fno-pch-timestamp>)
target_include_directories(cameo_flags INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
target_include_directories(cameo_flags SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})

# The MLIR headers that nearly every file includes, compiled once.
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/cameo_pch.cpp" CONTENT "// Anchor of the precompiled header.\n")
add_library(cameo_pch OBJECT "${PROJECT_BINARY_DIR}/cameo_pch.cpp")
target_link_libraries(cameo_pch PRIVATE cameo_flags)
target_precompile_headers(cameo_pch PRIVATE
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Bufferization/IR/Bufferization.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Dialect/Vector/IR/VectorOps.h>
  <mlir/IR/BuiltinOps.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Interfaces/InferTypeOpInterface.h>
  <mlir/Pass/Pass.h>
  <mlir/Transforms/DialectConversion.h>)

# cameo_add_library(NAME SOURCES a.cpp... [LINK target...] [DEPENDS target...])
# adds the static library of one folder. LINK targets are of lower layers.
function(cameo_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE cameo_flags PUBLIC ${ARG_LINK} MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM cameo_pch)
  add_dependencies(${name} cameo_generated ${ARG_DEPENDS})
endfunction()

# cameo_add_tool(NAME SOURCES a.cpp... [LINK target...]) adds and installs an
# executable of build/bin.
function(cameo_add_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE cameo_flags ${ARG_LINK} MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM cameo_pch)
  add_dependencies(${name} cameo_generated)
  install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  set_property(GLOBAL APPEND PROPERTY CAMEO_TOOLS ${name})
endfunction()

# Everything that TableGen writes; code waits for it.
add_custom_target(cameo_generated)

# cameo_tablegen(TARGET SOURCE.td OUTPUT... ) with OUTPUT pairs `file flags`:
#   cameo_tablegen(CameoOpsIncGen Ops.td "Ops.h.inc:-gen-op-decls" ...)
function(cameo_tablegen target source)
  set(LLVM_TARGET_DEFINITIONS ${source})
  foreach(output IN LISTS ARGN)
    string(REPLACE ":" ";" parts "${output}")
    list(GET parts 0 file)
    list(SUBLIST parts 1 -1 flags)
    mlir_tablegen(${file} ${flags} -I "${PROJECT_SOURCE_DIR}" -I "${MLIR_INCLUDE_DIRS}")
  endforeach()
  add_public_tablegen_target(${target})
  add_dependencies(cameo_generated ${target})
endfunction()
