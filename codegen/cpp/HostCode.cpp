//===- HostCode.cpp - Host side of the generated source -------------------===//
//
// The run function launches the kernels in order: directly, or through the
// context's parallel_for with a closure of pointers when there are several
// tasks.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/HostCode.h"
#include "codegen/cpp/Signature.h"
#include "codegen/cpp/Tidy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace cameo;
using llvm::formatv;
using llvm::StringMap;
using KernelTypes = StringMap<SmallVector<std::string>>;

static std::string stringLiteral(StringRef text) {
  std::string result = "\"";
  for (unsigned char c : text) {
    if (llvm::isPrint(c) && c != '"' && c != '\\' && c != '?')
      result += c;
    else // Octal, for its length is bounded.
      result += {'\\', char('0' + (c >> 6)), char('0' + ((c >> 3) & 7)),
                 char('0' + (c & 7))};
  }
  return result + "\"";
}

std::string cpp::HostCode::opening() const {
  const std::string &name = descriptor.name;
  std::string upper = StringRef(name).upper();
  std::string text = "// " + name + ": a model compiled to C++ by Cameo.\n//\n";
  text += formatv(
      "// {0} kernel launches, {1} bytes of weights, {2} bytes of arena.\n",
      descriptor.kernels.size(), descriptor.weightBytes, descriptor.arenaBytes);
  text += "// Build with -O3 and the target's -march; needs nothing but libm "
          "and Cameo's runtime "
          "stub.\n\n";
  text += "#include \"" +
          (options.header.empty() ? name + ".h" : options.header) +
          "\"\n\n#include <math.h>\n#include <stdint.h>\n\n";
  // Vectors only cross calls within this file, so their ABI does not matter.
  text += "#pragma GCC diagnostic ignored \"-Wpsabi\"\n\n";
  if (!descriptor.weightBytes)
    return text;
  std::string file = options.weightsFile.empty()
                         ? "__FILE__ \"" + kWeightsSuffix.str() + "\""
                         : stringLiteral(options.weightsFile);
  text += "// The weights: define this macro if their file is elsewhere.\n";
  text += formatv(
      "#ifndef {0}_WEIGHTS_FILE\n#define {0}_WEIGHTS_FILE {1}\n#endif\n", upper,
      file);
  text += formatv("__asm__(\".pushsection .rodata, \\\"a\\\", %progbits\\n\"\n"
                  "        \".balign 64\\n\"\n"
                  "        \"{0}_weights:\\n\"\n"
                  "        \".incbin \\\"\" {1}_WEIGHTS_FILE \"\\\"\\n\"\n"
                  "        \".popsection\\n\");\n",
                  name, upper);
  text += "extern \"C\" __attribute__((visibility(\"hidden\"))) const unsigned "
          "char " +
          name + "_weights[];\n\n";
  return text;
}

/// The pointer that a launch passes for a buffer.
std::string cpp::HostCode::argument(Value buffer, StringRef type) const {
  auto op = buffer.getDefiningOp<plan::BufferOp>();
  std::string cast = "(" + type.str() + ")";
  std::string position = std::to_string(op.getPosition());
  switch (op.getSpace()) {
  case plan::Space::arena:
    return cast + (op.getPosition() ? "(arena + " + position + ")" : "arena");
  case plan::Space::weights:
    return cast + (op.getPosition()
                       ? "(" + descriptor.name + "_weights + " + position + ")"
                       : descriptor.name + "_weights");
  case plan::Space::input:
    return cast + "inputs[" + position + "].data";
  case plan::Space::output:
    return cast + "outputs[" + position + "].data";
  }
  llvm_unreachable("unknown buffer space");
}

std::string cpp::HostCode::launch(plan::LaunchOp launch, unsigned index,
                                  ArrayRef<std::string> types) const {
  std::string kernel = launch.getKernel().str();
  bool parallel = launch.getTasks() != 1;
  std::string arguments;
  for (auto [i, buffer] : llvm::enumerate(launch.getArgs()))
    arguments +=
        (i ? ", " : "") + argument(buffer, parallel ? "void *" : types[i]);
  std::string text;
  auto profile = [&](int end) {
    if (options.instrument)
      text += formatv("  if (context->profiler)\n    "
                      "context->profiler(context->profiler_data, "
                      "{0}, {1});\n",
                      index, end);
  };
  profile(0);
  if (parallel) {
    std::string closure = "args_" + std::to_string(index);
    text += wrapLine("void *" + closure + "[] = {" + arguments + "};", 2);
    text += formatv("  {0}_launch(context, {1}_task, {2}, {3});\n",
                    descriptor.name, kernel, closure, launch.getTasks());
  } else {
    bool takesTask = types.size() > launch.getArgs().size();
    text +=
        wrapLine(kernel + "(" + arguments + (takesTask ? ", 0);" : ");"), 2);
  }
  profile(1);
  return text;
}

/// One function per kernel that is run in tasks, and the one that starts them.
std::string cpp::HostCode::thunks(const KernelTypes &types) const {
  llvm::SetVector<StringRef> kernels;
  for (auto launch : model.getBody().getOps<plan::LaunchOp>())
    if (launch.getTasks() != 1)
      kernels.insert(launch.getKernel());
  if (kernels.empty())
    return "";
  std::string text;
  for (StringRef kernel : kernels) {
    text += formatv("static void {0}_task(void *closure, int64_t task) {{\n"
                    "  void *const *args = (void *const *)closure;\n",
                    kernel);
    std::string call = kernel.str() + "(";
    ArrayRef<std::string> parameters = types.find(kernel)->second;
    for (auto [i, type] : llvm::enumerate(parameters.drop_back()))
      call += "(" + type + ")args[" + std::to_string(i) + "], ";
    text += wrapLine(call + "task);", 2) + "}\n\n";
  }
  return text +
         formatv(
             "static void {0}_launch(cameo_context *context, cameo_task task, "
             "void *closure,\n                   int64_t count) {{\n"
             "  if (context->parallel_for) {{\n"
             "    context->parallel_for(context->parallel_for_data, task, "
             "closure, "
             "count);\n    return;\n  }\n"
             "  for (int64_t i = 0; i < count; ++i)\n    task(closure, "
             "i);\n}\n\n",
             descriptor.name)
             .str();
}

std::string cpp::HostCode::descriptorTables() const {
  const std::string &name = descriptor.name;
  std::string shapes, tables;
  auto tensors = [&](StringRef kind, ArrayRef<TensorInfo> infos) {
    if (infos.empty())
      return;
    tables += formatv("static const cameo_tensor_info {0}_{1}_info[] = {{\n",
                      name, kind);
    for (auto [i, info] : llvm::enumerate(infos)) {
      auto table = [&, i = i](ArrayRef<int64_t> extents, StringRef suffix) {
        if (extents.empty())
          return std::string("nullptr");
        std::string shape = formatv("{0}_{1}_{2}_{3}", name, kind, i, suffix);
        shapes += formatv("static const int64_t {0}[] = {{", shape);
        for (auto [d, extent] : llvm::enumerate(extents))
          shapes += (d ? ", " : "") + std::to_string(extent);
        shapes += "};\n";
        return shape;
      };
      std::string shape = table(info.shape, "shape");
      tables += wrapLine(
          formatv("{{{0}, {1}, {2}, {3}, {4}, {5}},", stringLiteral(info.name),
                  elementTypeEnumerator(info.elementType), info.shape.size(),
                  shape, table(info.minShape, "least"), info.bytes)
              .str(),
          4);
    }
    tables += "};\n";
  };
  tensors("input", descriptor.inputs);
  tensors("output", descriptor.outputs);
  if (!descriptor.kernels.empty()) {
    tables +=
        formatv("static const cameo_kernel_info {0}_kernels[] = {{\n", name);
    for (const KernelInfo &kernel : descriptor.kernels)
      tables += wrapLine(
          formatv("{{{0}, {1}, {2}, {3}},", stringLiteral(kernel.name),
                  stringLiteral(kernel.nodes), kernel.flops, kernel.bytes)
              .str(),
          4);
    tables += "};\n";
  }
  return shapes + tables;
}

/// Where the stub finds or puts bounded extents; empty when there are none.
std::string cpp::HostCode::extentTable(StringRef kind,
                                       ArrayRef<ExtentInfo> extents) const {
  if (extents.empty())
    return "";
  std::string text = formatv("static const cameo_extent {0}_{1}_extents[] = {{",
                             descriptor.name, kind);
  for (auto [i, extent] : llvm::enumerate(extents))
    text += formatv("{0}{{{1}, {2}, {3}}", i ? ", " : "", extent.tensor,
                    extent.dim, extent.position);
  return wrapLine(text + "};", 0);
}

/// Which inputs are stored as which outputs; empty when none is.
std::string cpp::HostCode::cacheTable() const {
  if (descriptor.caches.empty())
    return "";
  std::string text =
      formatv("static const cameo_cache {0}_caches[] = {{", descriptor.name);
  for (auto [i, cache] : llvm::enumerate(descriptor.caches))
    text += formatv("{0}{{{1}, {2}, {3}}", i ? ", " : "", cache.input,
                    cache.output, cache.dim);
  return wrapLine(text + "};", 0);
}

/// The function that both ways to run the model end in.
std::string cpp::HostCode::runTensors(const KernelTypes &types) const {
  const std::string &name = descriptor.name;
  std::string text = formatv("  cameo_status status = "
                             "cameo_begin_run_v2(&{0}_descriptor, context, "
                             "inputs, outputs);\n",
                             name);
  text += "  if (status != CAMEO_OK)\n    return status;\n";
  bool hasArena = descriptor.arenaBytes > 0;
  if (hasArena)
    text +=
        "  unsigned char *arena = (unsigned char *)context->arena;\n"
        "  int32_t *recorded = (int32_t *)arena; // where kernels put errors\n"
        "  *recorded = CAMEO_OK;\n";
  size_t numTaken = descriptor.inputExtents.size();
  size_t numGiven = descriptor.outputExtents.size();
  if (numTaken)
    text +=
        formatv("  status = cameo_take_extents_v2(&{0}_descriptor, context, "
                "inputs,\n      {0}_input_extents, {1});\n"
                "  if (status != CAMEO_OK)\n    return status;\n",
                name, numTaken);
  if (!descriptor.caches.empty())
    text += formatv("  status = cameo_take_caches_v2(&{0}_descriptor, context, "
                    "inputs, outputs);\n"
                    "  if (status != CAMEO_OK)\n    return status;\n",
                    name);
  unsigned index = 0;
  for (auto op : model.getBody().getOps<plan::LaunchOp>())
    text += launch(op, index++, types.find(op.getKernel())->second);
  if (numTaken || numGiven)
    text += formatv("  cameo_give_extents_v2(&{0}_descriptor, context, outputs,"
                    "\n      {1}, {2});\n",
                    name, numGiven ? name + "_output_extents" : "nullptr",
                    numGiven);
  return text + formatv("  return cameo_end_run_v2(context, {0});\n",
                        hasArena ? "*recorded" : "CAMEO_OK")
                    .str();
}

std::string cpp::HostCode::closing(const KernelTypes &types) const {
  const std::string &name = descriptor.name;
  std::string tensorArguments = "cameo_context *context, const cameo_tensor "
                                "*inputs,\n    const cameo_tensor *outputs)";
  std::string text = thunks(types);
  text += formatv("static cameo_status {0}_run_tensors({1};\n\n", name,
                  tensorArguments);
  text += descriptorTables() + extentTable("input", descriptor.inputExtents) +
          extentTable("output", descriptor.outputExtents) + cacheTable();
  auto table = [&](bool present, StringRef suffix) {
    return present ? name + suffix.str() : "nullptr";
  };
  text += formatv(
      "static const cameo_model {0}_descriptor = {{\n"
      "    CAMEO_ABI_VERSION, {1}, {2}, {3}, \"{0}\",\n    {4},\n"
      "    {5}, {6}, {7},\n    {8}, {9}, {10}, {0}_run_tensors,\n    {11}, "
      "{12}};\n\n",
      name, descriptor.inputs.size(), descriptor.outputs.size(),
      descriptor.kernels.size(), stringLiteral(descriptor.target),
      table(!descriptor.inputs.empty(), "_input_info"),
      table(!descriptor.outputs.empty(), "_output_info"),
      table(!descriptor.kernels.empty(), "_kernels"), descriptor.arenaBytes,
      descriptor.arenaAlignment, descriptor.weightBytes,
      table(!descriptor.caches.empty(), "_caches"), descriptor.caches.size());
  text += formatv("static cameo_status {0}_run_tensors({1} {{\n{2}}\n\n", name,
                  tensorArguments, runTensors(types));
  text += formatv(
      "extern \"C\" cameo_status {0}_run({0}_context *context, const "
      "{0}_inputs "
      "*inputs,\n    const {0}_outputs *outputs) {{\n"
      "  return {0}_run_tensors(context, (const cameo_tensor *)inputs,\n"
      "                         (const cameo_tensor *)outputs);\n}\n\n"
      "extern \"C\" const cameo_model *{0}_model(void) {{ return "
      "&{0}_descriptor; }\n",
      name);
  return text;
}
