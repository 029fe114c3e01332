# Defines cameo_add_model().

# Sets `result` to the triple that models are compiled for; empty: this machine.
function(_cameo_target_triple result)
  set(${result} "" PARENT_SCOPE)
  foreach(triple IN ITEMS "${CMAKE_CXX_COMPILER_TARGET}" "${CMAKE_C_COMPILER_TARGET}")
    if(triple)
      set(${result} "${triple}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  if(NOT CMAKE_CROSSCOMPILING)
    return()
  endif()
  string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
  if(processor MATCHES "^(aarch64|arm64)")
    set(arch aarch64)
  elseif(processor MATCHES "^(x86_64|amd64)")
    set(arch x86_64)
  elseif(processor MATCHES "^riscv64")
    set(arch riscv64)
  elseif(processor MATCHES "^armv7")
    set(arch armv7)
  else()
    set(arch "")
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(system unknown-linux-gnu)
    if(arch STREQUAL "armv7")
      set(system unknown-linux-gnueabihf)
    endif()
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Android")
    set(system linux-android)
    if(arch STREQUAL "armv7")
      set(system linux-androideabi)
    endif()
  else()
    set(system "")
  endif()
  if(NOT arch OR NOT system)
    message(FATAL_ERROR
      "cameo_add_model: cannot tell the triple of ${CMAKE_SYSTEM_NAME} on "
      "'${CMAKE_SYSTEM_PROCESSOR}'; give TARGET")
  endif()
  set(${result} "${arch}-${system}" PARENT_SCOPE)
endfunction()

# cameo_add_model(TARGET
#   MODEL file.onnx           the model, relative to the current source folder
#   [NAME ident]              prefix of all symbols and stem of the header;
#                             default: TARGET as a C identifier
#   [SHAPE input=1x3x224x224 ...]  binds dynamic dimensions of inputs; an extent
#                             LOW..HIGH is known at run time
#   [DIM name=value ...]      binds dimensions by their ONNX name
#   [CACHE past_*:present_* ...]  stores inputs in the outputs that they grow to
#   [THREADS n]               plan kernels for n threads
#   [TARGET triple]           default: what this toolchain compiles for
#   [CPU name] [FEATURES +a,-b]
#   [OPTIONS --option=value ...]   further options of cameoc
#   [DEPENDS file ...])       external data files of the model
#
# Adds the static library TARGET: the compiled model, its header NAME.h and the
# runtime stub. It is compiled again only when model, options or compiler change.
function(cameo_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG ""
    "MODEL;NAME;THREADS;TARGET;CPU;FEATURES" "SHAPE;DIM;CACHE;OPTIONS;DEPENDS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "cameo_add_model(${target}): unknown arguments '${ARG_UNPARSED_ARGUMENTS}'")
  endif()
  if(ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "cameo_add_model(${target}): no value for ${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT ARG_MODEL)
    message(FATAL_ERROR "cameo_add_model(${target}): MODEL is required")
  endif()
  cmake_path(ABSOLUTE_PATH ARG_MODEL BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
  if(NOT ARG_NAME)
    string(MAKE_C_IDENTIFIER "${target}" ARG_NAME)
  endif()
  if(NOT ARG_TARGET)
    _cameo_target_triple(ARG_TARGET)
  endif()
  set(depends "")
  foreach(file IN LISTS ARG_DEPENDS)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    list(APPEND depends "${file}")
  endforeach()

  set(options "--name=${ARG_NAME}")
  foreach(keyword IN ITEMS THREADS TARGET CPU FEATURES)
    if(NOT "${ARG_${keyword}}" STREQUAL "")
      string(TOLOWER "${keyword}" option)
      list(APPEND options "--${option}=${ARG_${keyword}}")
    endif()
  endforeach()
  foreach(shape IN LISTS ARG_SHAPE)
    list(APPEND options "--shape=${shape}")
  endforeach()
  foreach(dim IN LISTS ARG_DIM)
    list(APPEND options "--dim=${dim}")
  endforeach()
  foreach(cache IN LISTS ARG_CACHE)
    list(APPEND options "--cache=${cache}")
  endforeach()
  list(APPEND options ${ARG_OPTIONS})

  # Not every generator notices a changed command line; all notice this file.
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}.cameo")
  list(JOIN options "\n" lines)
  file(GENERATE OUTPUT "${folder}/options.txt" CONTENT "${lines}\n")

  set(object "${folder}/${ARG_NAME}.o")
  set(header "${folder}/${ARG_NAME}.h")
  add_custom_command(
    OUTPUT "${object}" "${header}"
    COMMAND Cameo::cameoc "${ARG_MODEL}" -o "${object}" ${options}
    DEPENDS "${ARG_MODEL}" "${folder}/options.txt" Cameo::cameoc ${depends}
    COMMENT "Compiling the model ${target}"
    VERBATIM)
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_library(${target} STATIC "${object}" "${header}")
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(${target} PUBLIC "${folder}")
  target_link_libraries(${target} PUBLIC Cameo::runtime)
endfunction()
