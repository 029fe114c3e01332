# Fails if clang-format would change a C or C++ file of SOURCE; to repair:
#   cmake -DSOURCE=. -DCLANG_FORMAT=clang-format-22 -DFIX=ON -P test/structure/CheckFormat.cmake

set(files)
foreach(folder IN ITEMS runtime-stub dialects passes codegen compiler test examples)
  foreach(ending IN ITEMS h c cpp)
    file(GLOB_RECURSE found "${SOURCE}/${folder}/*.${ending}")
    list(APPEND files ${found})
  endforeach()
endforeach()
if(FIX)
  execute_process(COMMAND "${CLANG_FORMAT}" -i ${files} COMMAND_ERROR_IS_FATAL ANY)
else()
  execute_process(COMMAND "${CLANG_FORMAT}" --dry-run -Werror -ferror-limit=1 ${files}
    RESULT_VARIABLE status)
  list(LENGTH files count)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "some of ${count} files are not formatted as .clang-format says")
  endif()
  message(STATUS "${count} files are formatted")
endif()
