#!/bin/bash
# Installs the Debian packages that Cameo is built and tested with. Debian 12
# has all of them in its main and security suites. Needs root or sudo, and only
# if something is missing.
#
#   ./setup.sh           everything: build, tests, cross-compilation
#   ./setup.sh --build   only what building the compiler and the quickstart need
set -euo pipefail

build=(
  cmake ninja-build g++ clang-22 lld-22
  llvm-22-dev libmlir-22-dev mlir-22-tools llvm-22-tools
  libonnx-dev libprotobuf-dev protobuf-compiler libfmt-dev
  python3 curl ca-certificates
)
tests=(
  libonnx-testdata libgtest-dev clang-format-22 ccache
  python3-numpy python3-onnx
  g++-aarch64-linux-gnu gcc-aarch64-linux-gnu qemu-user
)

wanted=("${build[@]}")
case "${1:-}" in
  "") wanted+=("${tests[@]}") ;;
  --build) ;;
  *)
    echo "usage: setup.sh [--build]" >&2
    exit 2
    ;;
esac

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all packages are installed"
  exit 0
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: run as root, or install sudo; missing: ${missing[*]}" >&2
    exit 1
  fi
  root=(sudo)
fi

echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get -q update
unknown=()
for package in "${missing[@]}"; do
  apt-cache show "$package" >/dev/null 2>&1 || unknown+=("$package")
done
if [ ${#unknown[@]} -gt 0 ]; then
  echo "setup: no source in /etc/apt has ${unknown[*]}" >&2
  echo "setup: Debian 12 has LLVM 22 in bookworm-security" >&2
  exit 1
fi
"${root[@]}" apt-get -q install -y --no-install-recommends "${missing[@]}"
