//===- ModelHeader.cpp - The C header of a compiled model -----------------===//

#include "codegen/abi/ModelHeader.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace cameo;

/// "[1, 0..1023]" with the lowest extents where they are not the highest.
static std::string shapeText(ArrayRef<int64_t> shape, ArrayRef<int64_t> least) {
  std::string text = "[";
  llvm::raw_string_ostream os(text);
  for (auto [d, extent] : llvm::enumerate(shape)) {
    os << (d ? ", " : "");
    if (!least.empty() && least[d] != extent)
      os << least[d] << "..";
    os << extent;
  }
  os << "]";
  return text;
}

/// The shape of the buffer that a cache's input and output have room for, or
/// may share; empty for other tensors.
static std::string storedText(const ModelDescriptor &model,
                              uint32_t CacheInfo::*side, uint32_t index) {
  for (const CacheInfo &cache : model.caches)
    if (cache.*side == index)
      return ", stored as " + shapeText(model.outputs[cache.output].shape, {}) +
             " with " +
             (side == &CacheInfo::input ? model.outputs[cache.output].identifier
                                        : model.inputs[cache.input].identifier);
  return "";
}

/// An ONNX name as part of a comment: printable, and it cannot end the comment.
static std::string commentText(StringRef name) {
  std::string text;
  for (char c : name) {
    bool endsComment = (c == '/' && !text.empty() && text.back() == '*') ||
                       (c == '*' && !text.empty() && text.back() == '/');
    text += llvm::isPrint(c) && !endsComment && c != '\\' ? c : '?';
  }
  return text;
}

static StringRef typeText(const TensorInfo &tensor) {
  return elementTypeEnumerator(tensor.elementType).drop_front(strlen("CAMEO_"));
}

static void writeConstants(const ModelDescriptor &model, raw_ostream &os) {
  std::string prefix = StringRef(model.name).upper();
  os << "#define " << prefix << "_ARENA_BYTES " << model.arenaBytes << "\n"
     << "#define " << prefix << "_ARENA_ALIGNMENT " << model.arenaAlignment
     << "\n"
     << "#define " << prefix << "_WEIGHT_BYTES " << model.weightBytes << "\n"
     << "#define " << prefix << "_NUM_INPUTS " << model.inputs.size() << "\n"
     << "#define " << prefix << "_NUM_OUTPUTS " << model.outputs.size() << "\n";
  auto writeSizes = [&](StringRef kind, ArrayRef<TensorInfo> tensors) {
    for (auto [i, tensor] : llvm::enumerate(tensors))
      os << "#define " << prefix << "_" << kind << "_" << i << "_BYTES "
         << tensor.bytes << "\n";
  };
  writeSizes("INPUT", model.inputs);
  writeSizes("OUTPUT", model.outputs);
  os << "\n";
}

/// A struct whose members are laid out as an array of cameo_tensor.
static void writeStruct(const ModelDescriptor &model, StringRef kind,
                        ArrayRef<TensorInfo> tensors, StringRef qualifier,
                        uint32_t CacheInfo::*side, raw_ostream &os) {
  os << "typedef struct " << model.name << "_" << kind << " {\n";
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    os << "  /* " << commentText(tensor.name) << ": "
       << typeText(tensor).lower() << " "
       << shapeText(tensor.shape, tensor.minShape) << storedText(model, side, i)
       << " */\n"
       << "  " << qualifier << tensor.cType << " *" << tensor.identifier
       << ";\n"
       << "  " << qualifier << "int64_t *" << tensor.identifier << "_shape;\n";
  }
  if (tensors.empty())
    os << "  void *none; /* the model has no " << kind << " */\n";
  os << "} " << model.name << "_" << kind << ";\n\n";
}

void cameo::writeHeader(const ModelDescriptor &model, raw_ostream &os) {
  const std::string &name = model.name;
  std::string guard = "CAMEO_MODEL_" + StringRef(name).upper() + "_H";
  os << "/* " << name
     << ": the C interface of a model compiled by Cameo for\n * "
     << commentText(model.target) << ". */\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include <cameo/runtime.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  writeConstants(model, os);
  os << "typedef cameo_context " << name << "_context;\n\n"
     << "/* Dense row-major data, aligned for its type. A shape that is NULL "
        "is as\n"
     << " * declared. Inputs and outputs must not overlap.";
  if (!model.inputExtents.empty() || !model.outputExtents.empty())
    os << "\n *\n"
       << " * Where an extent is declared as low..high, an input's data is "
          "dense "
          "at the\n"
       << " * extents in its shape. An output has room for the highest "
          "extents; its data\n"
       << " * is dense at those that the run writes into its shape.";
  if (!model.caches.empty())
    os << "\n *\n"
       << " * An input and an output that are stored with each other have the "
          "strides of\n"
       << " * one dense buffer of the shape that is given there, and as many "
          "bytes. They\n"
       << " * may be that one buffer: the run then adds to it and copies "
          "nothing.";
  os << " */\n";
  writeStruct(model, "inputs", model.inputs, "const ", &CacheInfo::input, os);
  writeStruct(model, "outputs", model.outputs, "", &CacheInfo::output, os);
  os << "/* Runs the model on a context set up by cameo_context_init. On an "
        "error the\n"
     << " * text is in context->message and the outputs are unspecified. */\n"
     << "cameo_status " << name << "_run(" << name << "_context *context,\n"
     << "    const " << name << "_inputs *inputs, const " << name
     << "_outputs *outputs);\n\n"
     << "/* The model as generic programs see it. */\n"
     << "const cameo_model *" << name << "_model(void);\n\n"
     << "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
}
