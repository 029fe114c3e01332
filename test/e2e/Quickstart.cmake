# The trained network of the quickstart on its two images, through both back
# ends. Where it cannot be downloaded the test is skipped.

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}"
    COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(MAKE_DIRECTORY "${WORK}")
run(bash "${EXAMPLE}/fetch-model.sh" "${WORK}")
run("${PYTHON}" "${EXAMPLE}/make-images.py" "${WORK}")
set(model text-direction.onnx --shape=x=1x3x48x192 --name=text_direction)
run("${CAMEOC}" ${model} -o llvm.so)
run("${CAMEOC}" ${model} -o source.cpp)
run("${CXX}" -std=c++20 -O2 -Wall -Wextra -Werror -shared -fPIC "-I${INCLUDE}"
  -o cpp.so source.cpp)
foreach(library IN ITEMS llvm cpp)
  foreach(image IN ITEMS upright turned)
    run("${CAMEO_RUN}" "./${library}.so" --name=text_direction
      --test-data ${image} --atol=1e-4 --rtol=0)
  endforeach()
endforeach()
