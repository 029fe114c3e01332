# Builds the project SOURCE against the installed Cameo in PREFIX and runs its
# programs, natively or (MACHINE=aarch64) cross-compiled and under qemu.
#   RUN     list of program=regex: what the program must print, with status 0
#   MODELS  libraries of models, checked for symbols that are not their own and
#           for calls that a model must not make
#   CTEST   whether to run the project's own tests

# Runs a command, fails with its output when it fails, else returns the output.
function(run result)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text ERROR_VARIABLE text
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "status ${status} of: ${command}\n${text}")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(toolchain "")
set(launcher "")
set(nm nm)
if(MACHINE STREQUAL "aarch64")
  set(toolchain -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++)
  set(launcher "${QEMU}" -L /usr/aarch64-linux-gnu)
  set(nm aarch64-linux-gnu-nm)
endif()

# Another build's settings must not leak into the user's project.
foreach(variable IN ITEMS CC CXX CFLAGS CXXFLAGS LDFLAGS)
  unset(ENV{${variable}})
endforeach()

file(REMOVE_RECURSE "${WORK}")
file(COPY "${SOURCE}/" DESTINATION "${WORK}/source")
run(ignored "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${WORK}/source" -B "${WORK}/build"
  "-DCMAKE_PREFIX_PATH=${PREFIX}" "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror" ${toolchain})
run(ignored "${CMAKE_COMMAND}" --build "${WORK}/build")

foreach(entry IN LISTS RUN)
  string(REGEX MATCH "^([^=]+)=(.*)$" ignored "${entry}")
  set(program "${CMAKE_MATCH_1}")
  set(wanted "${CMAKE_MATCH_2}")
  run(text ${launcher} "${WORK}/build/${program}")
  if(NOT text MATCHES "${wanted}")
    message(FATAL_ERROR "${program} printed '${text}', wanted '${wanted}'")
  endif()
endforeach()

if(CTEST)
  run(ignored "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --output-on-failure)
endif()

# Every global symbol of a model carries its prefix, so that models can share a
# program.
foreach(model IN LISTS MODELS)
  string(REGEX REPLACE "^.*-" "" name "${model}")
  run(text "${nm}" -g --defined-only -f posix "${WORK}/build/lib${model}.a")
  string(REGEX MATCHALL "(^|\n)[A-Za-z_.$][^ \n]* [A-Za-z] [^\n]*" symbols "${text}")
  if(NOT symbols)
    message(FATAL_ERROR "lib${model}.a defines nothing: ${text}")
  endif()
  foreach(symbol IN LISTS symbols)
    string(STRIP "${symbol}" symbol)
    if(NOT symbol MATCHES "^${name}_")
      message(FATAL_ERROR "lib${model}.a defines '${symbol}', which lacks the prefix '${name}_'")
    endif()
  endforeach()
  # A run allocates nothing, prints nothing and stops nothing.
  run(text "${nm}" -u -f posix "${WORK}/build/lib${model}.a")
  if(text MATCHES "(^|\n)((m|c|re|aligned_)alloc|free|posix_memalign|[a-z]*printf|puts|abort|exit|__cxa_[a-z_]*|pthread_[a-z_]*) ")
    message(FATAL_ERROR "lib${model}.a calls ${CMAKE_MATCH_2}")
  endif()
endforeach()

# Nothing is compiled again unless a model has changed.
run(text "${CMAKE_COMMAND}" --build "${WORK}/build")
if(text MATCHES "Compiling the model")
  message(FATAL_ERROR "a model is compiled again without a change:\n${text}")
endif()
file(GLOB_RECURSE models "${WORK}/*.onnx")
file(TOUCH ${models})
run(text "${CMAKE_COMMAND}" --build "${WORK}/build")
if(NOT text MATCHES "Compiling the model")
  message(FATAL_ERROR "a changed model is not compiled again:\n${text}")
endif()
