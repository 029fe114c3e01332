# Installs the build tree BUILD to a prefix and renames it: what is found in
# WORK/moved afterwards depends on no path of the first place.
file(REMOVE_RECURSE "${WORK}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/first"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME "${WORK}/first" "${WORK}/moved")
foreach(file IN ITEMS bin/cameoc bin/cameo-run include/cameo/runtime.h
    lib/cameo/libcameo_runtime.a lib/cmake/Cameo/CameoConfig.cmake
    share/cameo/runtime-stub/include/cameo/runtime.h
    share/cameo/runtime-stub/src/pool.c)
  if(NOT EXISTS "${WORK}/moved/${file}")
    message(FATAL_ERROR "the installed tree has no ${file}")
  endif()
endforeach()
file(GLOB files "${WORK}/moved/lib/cmake/Cameo/*")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  string(FIND "${text}" "${WORK}" position)
  if(NOT position EQUAL -1)
    message(FATAL_ERROR "${file} names the prefix it was installed to")
  endif()
endforeach()
