#!/bin/bash
# Installs what is missing, builds everything, runs every test. Arguments are
# passed to ctest: `test/run.sh -L unit`. BUILD names another build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
jobs=$(nproc)

bash setup.sh
cmake -G Ninja -B "$build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
  -DBUILD_TESTING=ON
cmake --build "$build" -j "$jobs"
exec ctest --test-dir "$build" --output-on-failure -j "$jobs" "$@"
