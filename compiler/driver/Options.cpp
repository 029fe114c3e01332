//===- Options.cpp - What cameoc is asked to do ---------------------------===//

#include "compiler/driver/Options.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace cameo;

namespace {

/// One option. `value` names its argument; an option without is a flag.
struct OptionInfo {
  StringRef name, value, help;
  Error (*apply)(DriverOptions &options, StringRef value);
};

} // namespace

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Error requireOneOf(StringRef text, ArrayRef<StringRef> kinds) {
  if (is_contained(kinds, text))
    return Error::success();
  return makeError("'" + text + "' is not one of " + join(kinds, ", "));
}

static Error readFile(StringRef path, DriverOptions &options);

static Error parseNumber(StringRef text, unsigned low, unsigned high,
                         unsigned &number) {
  if (text.getAsInteger(10, number) || number < low || number > high)
    return makeError("'" + text + "' is not a number from " + Twine(low) +
                     " to " + Twine(high));
  return Error::success();
}

/// A number, or LOW..HIGH for an extent that is known at run time.
static bool parseExtent(StringRef text, ExtentBounds &bounds) {
  auto [low, high] = text.split("..");
  if (low.getAsInteger(10, bounds.low))
    return false;
  bounds.high = bounds.low;
  if (text.contains("..") && high.getAsInteger(10, bounds.high))
    return false;
  return bounds.low >= 0 && bounds.low <= bounds.high;
}

/// INPUT=1x3x224x224; a scalar is INPUT= alone.
static Error parseShape(DriverOptions &options, StringRef text) {
  auto [name, extents] = text.rsplit('=');
  if (name.empty() || !text.contains('='))
    return makeError("'" + text + "' is not of the form INPUT=1x3x224x224");
  SmallVector<StringRef> parts;
  if (!extents.empty())
    extents.split(parts, 'x');
  SmallVector<ExtentBounds> shape;
  for (StringRef part : parts) {
    ExtentBounds extent;
    if (!parseExtent(part, extent))
      return makeError("'" + part + "' in '" + text +
                       "' is neither an extent nor LOW..HIGH");
    shape.push_back(extent);
  }
  options.shapes[name] = shape;
  return Error::success();
}

static Error parseDim(DriverOptions &options, StringRef text) {
  auto [name, value] = text.split('=');
  ExtentBounds extent;
  if (name.empty() || !parseExtent(value, extent))
    return makeError("'" + text +
                     "' is not of the form NAME=EXTENT or NAME=LOW..HIGH");
  options.dims[name] = extent;
  return Error::success();
}

static Error parseConstant(DriverOptions &options, StringRef text) {
  // A name may have '=' in it more often than a file does.
  auto [name, file] = text.rsplit('=');
  if (name.empty() || file.empty())
    return makeError("'" + text + "' is not of the form INPUT=FILE.npy");
  options.constants[name] = file.str();
  return Error::success();
}

/// PAST:PRESENT, where `*` in both stands for the same.
static Error parseCache(DriverOptions &options, StringRef text) {
  auto [past, present] = text.split(':');
  if (past.empty() || present.empty() || past.count('*') > 1 ||
      past.count('*') != present.count('*'))
    return makeError("'" + text +
                     "' is not of the form INPUT:OUTPUT, with one * or none in "
                     "each");
  options.caches.push_back({past.str(), present.str()});
  return Error::success();
}

static Error parseEmit(DriverOptions &options, StringRef text) {
  static const std::pair<StringRef, Emit> kinds[] = {
      {"graph", Emit::Graph},       {"fused", Emit::Fused},
      {"layout", Emit::Layout},     {"plan", Emit::Plan},
      {"schedule", Emit::Schedule}, {"loops", Emit::Loops},
      {"llvm", Emit::LLVM},         {"asm", Emit::Assembly},
      {"cpp", Emit::Cpp},           {"obj", Emit::Object},
      {"static", Emit::Static},     {"shared", Emit::Shared}};
  for (auto [name, kind] : kinds)
    if (name == text) {
      options.emit = kind;
      return Error::success();
    }
  return makeError(
      "'" + text +
      "' is not one of graph, fused, layout, plan, schedule, loops, llvm, asm, "
      "cpp, obj, static, shared");
}

static Error parseFormat(DriverOptions &options, StringRef text) {
  static const std::pair<StringRef, ReportFormat> formats[] = {
      {"text", ReportFormat::Text},
      {"json", ReportFormat::Json},
      {"csv", ReportFormat::Csv},
      {"html", ReportFormat::Html}};
  for (auto [name, format] : formats)
    if (name == text) {
      options.format = format;
      return Error::success();
    }
  return makeError("'" + text + "' is not one of text, json, csv, html");
}

static const OptionInfo table[] = {
    {"emit", "KIND",
     "what to write: graph, fused, layout, plan, schedule, loops, llvm, asm, "
     "cpp, obj, static, shared (default: by the ending of the output)",
     parseEmit},
    {"name", "IDENT", "prefix of the symbols (default: the output's stem)",
     [](DriverOptions &o, StringRef v) -> Error {
       o.name = v.str();
       return Error::success();
     }},
    {"shape", "INPUT=1x3x224x224",
     "shape of an input, 1..640 for an extent known at run time; repeatable",
     parseShape},
    {"dim", "NAME=EXTENT", "extent of a named dimension, or 1..512; repeatable",
     parseDim},
    {"constant", "INPUT=FILE",
     "make an input a constant with the value in a .pb or .npy file; "
     "repeatable",
     parseConstant},
    {"cache", "PAST:PRESENT",
     "store an input in the output that it grows to, in place; a * in both "
     "names stands for the same (past_*:present_*); repeatable",
     parseCache},
    {"string-bytes", "N",
     "room for the bytes of a string in inputs of strings (default 64)",
     [](DriverOptions &o, StringRef v) -> Error {
       return parseNumber(v, 1, 65536, o.stringBytes);
     }},
    {"target", "TRIPLE", "machine to compile for (default: this one)",
     [](DriverOptions &o, StringRef v) -> Error {
       o.target = v.str();
       return Error::success();
     }},
    {"cpu", "NAME",
     "CPU in LLVM's spelling, or native (default: native on this machine)",
     [](DriverOptions &o, StringRef v) -> Error {
       o.cpu = v.str();
       return Error::success();
     }},
    {"features", "LIST", "CPU features to add or remove: +avx2,-fma",
     [](DriverOptions &o, StringRef v) -> Error {
       o.features = v.str();
       return Error::success();
     }},
    {"threads", "N", "most threads that a run may use (default 1)",
     [](DriverOptions &o, StringRef v) -> Error {
       return parseNumber(v, 1, 1024, o.threads);
     }},
    {"fuse", "LEVEL",
     "0: no fusion, 1: elementwise, 2: with convolutions and others (default)",
     [](DriverOptions &o, StringRef v) -> Error {
       return parseNumber(v, 0, 2, o.fuse);
     }},
    {"layout", "KIND",
     "memory layout between kernels: auto, nchw (as in ONNX), blocked (by "
     "channels where an operator can; what auto does)",
     [](DriverOptions &o, StringRef v) -> Error {
       o.layouts = v != "nchw";
       return requireOneOf(v, {"auto", "nchw", "blocked"});
     }},
    {"winograd", "KIND",
     "convolutions by minimal filtering: auto (where that is faster), off",
     [](DriverOptions &o, StringRef v) -> Error {
       o.winograd = v != "off";
       return requireOneOf(v, {"auto", "off"});
     }},
    {"fast-products", "KIND",
     "products by fast inner products: auto (where the target has spare pipes "
     "for additions), on, off",
     [](DriverOptions &o, StringRef v) -> Error {
       o.fastProducts = v.str();
       return requireOneOf(v, {"auto", "on", "off"});
     }},
    {"weights-type", "TYPE",
     "how weights of matrix products are stored: f32, f24 (floats of 24 bits "
     "for few rows, where these round little), q20 (fixed-point numbers of 20 "
     "bits, or f24, alike), bf16, f16, int8 (a factor per column), auto (f32, "
     "or q20 or f24 where products wait for memory); sums are in f32",
     [](DriverOptions &o, StringRef v) -> Error {
       o.weightsType = v.str();
       return requireOneOf(
           v, {"auto", "f32", "f24", "q20", "bf16", "f16", "int8"});
     }},
    {"schedule-override", "FILE",
     "schedules to use by problem, as --emit=schedule writes them",
     [](DriverOptions &o, StringRef v) -> Error {
       o.scheduleOverride = v.str();
       return Error::success();
     }},
    {"runtime", "FILE", "archive of the runtime stub for the target",
     [](DriverOptions &o, StringRef v) -> Error {
       o.runtime = v.str();
       return Error::success();
     }},
    {"instrument", "profile", "call the context's profiler around every kernel",
     [](DriverOptions &o, StringRef v) -> Error {
       o.instrument = v == "profile";
       return o.instrument ? Error(Error::success())
                           : makeError("'" + v + "' is not profile");
     }},
    {"config", "FILE", "read options from a file, one `name = value` a line",
     [](DriverOptions &o, StringRef v) -> Error { return readFile(v, o); }},
    {"format", "FORMAT", "report: text, json, csv or html", parseFormat},
    {"json", "", "check: print problems as JSON",
     [](DriverOptions &o, StringRef) -> Error {
       o.json = true;
       return Error::success();
     }},
    {"quiet", "", "print errors only",
     [](DriverOptions &o, StringRef) -> Error {
       o.quiet = true;
       return Error::success();
     }},
    {"time-report", "", "print how long each pass took",
     [](DriverOptions &o, StringRef) -> Error {
       o.timeReport = true;
       return Error::success();
     }},
};

static Error unknownOption(StringRef name) {
  StringRef closest;
  unsigned best = 4;
  for (const OptionInfo &info : table)
    if (unsigned distance = name.edit_distance(info.name); distance < best) {
      best = distance;
      closest = info.name;
    }
  return makeError("unknown option '--" + name + "'" +
                   (closest.empty() ? Twine("; see cameoc --help")
                                    : "; did you mean '--" + closest + "'?"));
}

static Error applyOption(StringRef name, std::optional<StringRef> value,
                         DriverOptions &options) {
  const OptionInfo *info =
      llvm::find_if(table, [&](auto &i) { return i.name == name; });
  if (info == std::end(table))
    return unknownOption(name);
  if (info->value.empty() && value)
    return makeError("option '--" + name + "' takes no value");
  if (!info->value.empty() && !value)
    return makeError("option '--" + name + "' needs a value: --" + name + "=" +
                     info->value);
  if (Error error = info->apply(options, value.value_or("")))
    return makeError("option '--" + name + "': " + toString(std::move(error)));
  return Error::success();
}

static Error readFile(StringRef path, DriverOptions &options) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return makeError("cannot read '" + path +
                     "': " + buffer.getError().message());
  SmallVector<StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  for (auto [number, line] : llvm::enumerate(lines)) {
    StringRef text = line.split('#').first.trim();
    if (text.empty())
      continue;
    auto [name, value] = text.split('=');
    bool hasValue = text.contains('=');
    if (name.trim() == "config")
      return makeError(path + ":" + Twine(number + 1) +
                       ": a configuration cannot name another");
    Error error = applyOption(
        name.trim(), hasValue ? std::optional(value.trim()) : std::nullopt,
        options);
    if (error)
      return makeError(path + ":" + Twine(number + 1) + ": " +
                       toString(std::move(error)));
  }
  return Error::success();
}

static Error applyListOperators(StringRef arg, DriverOptions &options) {
  options.command = Command::ListOperators;
  options.asMarkdown = arg == "--list-operators=markdown";
  if (options.asMarkdown || arg == "--list-operators")
    return Error::success();
  return makeError("unknown option '" + arg +
                   "'; did you mean '--list-operators=markdown'?");
}

/// `-o FILE`, `-O2` and the commands that are spelled as options.
static Error applyShort(StringRef arg, ArrayRef<StringRef> &rest,
                        DriverOptions &options) {
  if (arg == "-h" || arg == "--help")
    options.command = Command::Help;
  else if (arg == "--help-markdown")
    options.command = Command::HelpMarkdown;
  else if (arg.starts_with("--list-operators"))
    return applyListOperators(arg, options);
  else if (arg == "--version")
    options.command = Command::Version;
  else if (arg == "-o") {
    if (rest.empty())
      return makeError("option '-o' needs a file");
    options.output = rest.front().str();
    rest = rest.drop_front();
  } else if (arg.size() == 3 && arg.starts_with("-O") && arg[2] >= '0' &&
             arg[2] <= '3')
    options.optLevel = arg[2] - '0';
  else
    return makeError("unknown option '" + arg + "'; see cameoc --help");
  return Error::success();
}

Error cameo::parseCommandLine(ArrayRef<StringRef> args,
                              DriverOptions &options) {
  if (!args.empty() && (args[0] == "check" || args[0] == "report")) {
    options.command = args[0] == "check" ? Command::Check : Command::Report;
    args = args.drop_front();
  }
  while (!args.empty()) {
    StringRef arg = args.front();
    args = args.drop_front();
    if (!arg.starts_with("-")) {
      if (!options.model.empty())
        return makeError("two models: '" + options.model + "' and '" + arg +
                         "'");
      options.model = arg.str();
      continue;
    }
    bool isLong = arg.starts_with("--") && arg != "--help" &&
                  arg != "--version" && arg != "--help-markdown" &&
                  !arg.starts_with("--list-operators");
    if (!isLong) {
      if (Error error = applyShort(arg, args, options))
        return error;
      continue;
    }
    auto [name, value] = arg.drop_front(2).split('=');
    bool hasValue = arg.contains('=');
    if (Error error = applyOption(
            name, hasValue ? std::optional(value) : std::nullopt, options))
      return error;
  }
  return Error::success();
}

static std::string spelling(const OptionInfo &info) {
  std::string text = "--" + info.name.str();
  return info.value.empty() ? text : text + "=" + info.value.str();
}

void cameo::printHelp(raw_ostream &os) {
  os << "usage: cameoc MODEL.onnx -o OUT [options]\n"
        "       cameoc check MODEL.onnx [--json] [options]\n"
        "       cameoc report MODEL.onnx [--format=FORMAT] [-o FILE] "
        "[options]\n"
        "\n"
        "OUT ends in .so, .a or .o (a library or object; its header is written "
        "beside it)\n"
        "or in .cpp (standalone C++).\n\n"
     << formatv("  {0,-26} {1}\n", "-o FILE", "what to write")
     << formatv("  {0,-26} {1}\n", "-O0 ... -O3",
                "0: reference lowering, scalar loops; 3: all optimisations "
                "(default)");
  for (const OptionInfo &info : table)
    os << formatv("  {0,-26} {1}\n", spelling(info), info.help);
  os << formatv("  {0,-26} {1}\n", "--list-operators",
                "print the supported operators; =markdown: as a page")
     << formatv("  {0,-26} {1}\n", "--help", "print this text")
     << formatv("  {0,-26} {1}\n", "--version", "print versions");
}

void cameo::printHelpMarkdown(raw_ostream &os) {
  os << "# cameoc options\n\nWritten by `cameoc --help-markdown`.\n\n| option "
        "| meaning |\n|---|---|\n"
        "| `-o FILE` | what to write |\n| `-O0` ... `-O3` | 0: reference "
        "lowering, scalar loops; "
        "3: all optimisations (default) |\n";
  for (const OptionInfo &info : table)
    os << "| `" << spelling(info) << "` | " << info.help << " |\n";
  os << "| `--list-operators` | print the supported operators; `=markdown`: as "
        "a page |\n| `--help`, `--help-markdown` | print the options |\n"
        "| `--version` | print versions |\n";
}
