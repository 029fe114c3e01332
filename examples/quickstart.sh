#!/bin/bash
# From a clone to a running network: installs what the build needs, builds the
# compiler, fetches a trained network, compiles it to a library, runs it on two
# images and compares the answers with ONNX Runtime's. BUILD names another
# build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
example=examples/quickstart
out=$build/quickstart

bash setup.sh --build
cmake -G Ninja -B "$build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
  -DBUILD_TESTING="${BUILD_TESTING:-OFF}" >"$build.log" 2>&1 ||
  { cat "$build.log"; exit 1; }
rm -f "$build.log"
cmake --build "$build" -j "$(nproc)" --target cameoc cameo-run cameo_runtime

# The classifier of PP-OCR that says whether a line of text is upside down.
mkdir -p "$out"
bash "$example/fetch-model.sh" "$out"
python3 "$example/make-images.py" "$out"
echo
echo "\$ cameoc $out/text-direction.onnx -o $out/text_direction.so"
start=$(date +%s%N)
"$build/bin/cameoc" "$out/text-direction.onnx" \
  -o "$out/text_direction.so" --shape=x=1x3x48x192
end=$(date +%s%N)

for image in upright turned; do
  echo
  echo "\$ cameo-run $out/text_direction.so --test-data $out/$image"
  "$build/bin/cameo-run" "$out/text_direction.so" --test-data "$out/$image" \
    --atol=1e-4 --rtol=0 --output "$out/$image/answer"
  python3 "$example/label.py" "$out/$image/answer/0.npy"
done
echo
"$build/bin/cameo-run" "$out/text_direction.so" --random-inputs=1 --bench=200

echo
echo "Both answers are those of the reference."
echo "model:   $(stat -c %s "$out/text-direction.onnx") bytes of ONNX"
echo "library: $(stat -c %s "$out/text_direction.so") bytes, weights included," \
  "compiled in $(((end - start) / 1000000)) ms"
echo "header:  $out/text_direction.h"
