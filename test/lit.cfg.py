"""How lit finds and runs the tests of this folder.

Substitutions: %cc and %cxx (the build's compilers), %runtime (runtime-stub),
%include (its headers), %inputs (test/Inputs), %aarch64-cc, %aarch64-cxx and
%aarch64-run where these are installed.
%onnx-testdata: ONNX's own test models, where these are installed.
Features: x86, aarch64 (the host); aarch64-cross, qemu-aarch64, linker,
onnx-testdata.
"""

import os
import platform
import shutil

import lit.formats

config.name = "Cameo"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)

path = [config.cameo_tools_dir, config.llvm_tools_dir, os.environ.get("PATH", "")]
config.environment["PATH"] = os.pathsep.join(path)
config.environment["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")

runtime = os.path.join(config.cameo_source_dir, "runtime-stub")
config.substitutions += [
    ("%cxx", config.cxx_compiler),
    ("%cc", config.c_compiler),
    ("%runtime", runtime),
    ("%include", os.path.join(runtime, "include")),
    ("%inputs", os.path.join(config.test_source_root, "Inputs")),
]


def find(*names):
    """The first of these programs that is installed."""
    for name in names:
        found = shutil.which(name, path=config.environment["PATH"])
        if found:
            return found
    return None


machine = platform.machine()
if machine in ("x86_64", "AMD64"):
    config.available_features.add("x86")
if machine == "aarch64":
    config.available_features.add("aarch64")
if find("ld.lld", "ld.lld-22", "cc"):
    config.available_features.add("linker")

aarch64_cc = find("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-gcc-12")
aarch64_run = find("qemu-aarch64", "qemu-aarch64-static")
if aarch64_cc:
    config.available_features.add("aarch64-cross")
    config.substitutions.append(("%aarch64-cc", aarch64_cc))
    config.substitutions.append(("%aarch64-cxx", aarch64_cc.replace("gcc", "g++")))
if aarch64_run and os.path.isdir("/usr/aarch64-linux-gnu"):
    config.available_features.add("qemu-aarch64")
    config.substitutions.append(
        ("%aarch64-run", aarch64_run + " -L /usr/aarch64-linux-gnu"))
aarch64_cameo_run = os.path.join(config.cameo_build_dir, "aarch64", "bin", "cameo-run")
if aarch64_run and os.path.exists(aarch64_cameo_run):
    config.available_features.add("cameo-run-aarch64")
    config.substitutions.append(
        ("%cameo-run-aarch64",
         aarch64_run + " -L /usr/aarch64-linux-gnu " + aarch64_cameo_run))

onnx_testdata = os.environ.get("ONNX_TESTDATA", "/usr/share/libonnx-testdata/data")
if os.path.isdir(os.path.join(onnx_testdata, "node")):
    config.available_features.add("onnx-testdata")
    config.substitutions.append(("%onnx-testdata", onnx_testdata))
