# The trained network of the quickstart on its two images, through both back
# ends.

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}"
    COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(MAKE_DIRECTORY "${WORK}")
set(model "${EXAMPLE}/text-direction.onnx" --shape=x=1x3x48x192 --name=text_direction)
run("${CAMEOC}" ${model} -o llvm.so)
run("${CAMEOC}" ${model} -o source.cpp)
run("${CXX}" -std=c++20 -O2 -Wall -Wextra -Werror -shared -fPIC "-I${INCLUDE}"
  -o cpp.so source.cpp)
foreach(library IN ITEMS llvm cpp)
  foreach(image IN ITEMS upright turned)
    run("${CAMEO_RUN}" "./${library}.so" --name=text_direction
      --test-data "${EXAMPLE}/${image}")
  endforeach()
endforeach()
