//===- TargetSpec.cpp - Which machine to compile for ----------------------===//

#include "dialects/target/TargetSpec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

#include <map>
#include <memory>
#include <mutex>

using namespace llvm;
using namespace cameo;

void cameo::initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
  });
}

std::vector<std::string> cameo::closestNames(StringRef name,
                                             ArrayRef<StringRef> candidates,
                                             unsigned count) {
  std::multimap<unsigned, StringRef> ranked;
  for (StringRef candidate : candidates) {
    unsigned distance = name.edit_distance_insensitive(candidate);
    // A name that continues the given one is close, however long it is.
    if (candidate.starts_with_insensitive(name) && !name.empty())
      distance = std::min(distance, 2u);
    if (distance <= std::max<size_t>(2, name.size() / 2))
      ranked.emplace(distance, candidate);
  }
  std::vector<std::string> result;
  for (auto &[distance, candidate] : ranked)
    if (result.size() < count)
      result.push_back(candidate.str());
  return result;
}

/// "; did you mean a, b or c?", or nothing.
static std::string suggestion(StringRef name, ArrayRef<StringRef> candidates) {
  std::vector<std::string> closest = closestNames(name, candidates);
  return closest.empty() ? ""
                         : "; did you mean " + llvm::join(closest, ", ") + "?";
}

template <typename... Args>
static Error fail(const char *format, Args &&...args) {
  return createStringError(formatv(format, std::forward<Args>(args)...).str());
}

static Expected<Triple> resolveTriple(StringRef text) {
  Triple triple(text.empty() ? sys::getProcessTriple()
                             : Triple::normalize(text));
  if ((triple.getArch() == Triple::x86_64 ||
       triple.getArch() == Triple::aarch64) &&
      (triple.isOSBinFormatELF() || triple.isOSUnknown()))
    return triple;
  return fail("target '{0}' is not supported; use x86_64-linux-gnu or "
              "aarch64-linux-gnu",
              text.empty() ? triple.str() : text.str());
}

static std::unique_ptr<MCSubtargetInfo>
subtarget(const Triple &triple, StringRef cpu, StringRef features) {
  initializeTargets();
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  return std::unique_ptr<MCSubtargetInfo>(
      target->createMCSubtargetInfo(triple, cpu, features));
}

static Error checkCPU(const MCSubtargetInfo &info, StringRef cpu) {
  if (info.isCPUStringValid(cpu))
    return Error::success();
  std::vector<StringRef> names;
  for (const SubtargetSubTypeKV &entry : info.getAllProcessorDescriptions())
    names.push_back(entry.Key);
  return fail("unknown CPU '{0}' for {1}{2}", cpu,
              info.getTargetTriple().getArchName(), suggestion(cpu, names));
}

static Error checkFeatureList(const MCSubtargetInfo &info, StringRef features) {
  std::vector<StringRef> names;
  for (const SubtargetFeatureKV &entry : info.getAllProcessorFeatures())
    names.push_back(entry.Key);
  for (StringRef feature : llvm::split(features, ',')) {
    if (feature.empty())
      continue;
    if (feature.front() != '+' && feature.front() != '-')
      return fail("feature '{0}' begins with neither + nor -", feature);
    if (!llvm::is_contained(names, feature.drop_front()))
      return fail("unknown feature '{0}' for {1}{2}", feature.drop_front(),
                  info.getTargetTriple().getArchName(),
                  suggestion(feature.drop_front(), names));
  }
  return Error::success();
}

/// What the host has other than its CPU's name implies, e.g. in a virtual
/// machine.
static std::string hostFeatures(const MCSubtargetInfo &info) {
  auto names = info.getAllProcessorFeatures();
  std::vector<std::string> differences;
  for (const auto &entry : sys::getHostCPUFeatures()) {
    StringRef name = entry.getKey();
    bool isKnown = llvm::any_of(names, [&](const SubtargetFeatureKV &feature) {
      return name == feature.Key;
    });
    if (isKnown && info.checkFeatures(("+" + name).str()) != entry.getValue())
      differences.push_back(((entry.getValue() ? "+" : "-") + name).str());
  }
  llvm::sort(differences);
  return llvm::join(differences, ",");
}

Expected<TargetSpec> cameo::resolveTarget(StringRef triple, StringRef cpu,
                                          StringRef features) {
  Expected<Triple> resolved = resolveTriple(triple);
  if (!resolved)
    return resolved.takeError();
  TargetSpec spec;
  spec.triple = *resolved;
  bool sameArch =
      spec.triple.getArch() == Triple(sys::getProcessTriple()).getArch();
  if (cpu == "native" && !sameArch)
    return fail("CPU 'native' is of another architecture than target '{0}'",
                spec.triple.str());
  spec.isHost = cpu == "native" || (cpu.empty() && triple.empty());
  spec.cpu = spec.isHost ? sys::getHostCPUName().str() : cpu.str();
  if (spec.cpu.empty())
    spec.cpu = spec.triple.getArch() == Triple::x86_64 ? "x86-64" : "generic";

  std::unique_ptr<MCSubtargetInfo> any = subtarget(spec.triple, "", "");
  if (!any)
    return fail("this LLVM has no code generator for '{0}'", spec.triple.str());
  if (Error error = checkCPU(*any, spec.cpu))
    return error;
  if (Error error = checkFeatureList(*any, features))
    return error;
  if (spec.isHost)
    spec.features = hostFeatures(*subtarget(spec.triple, spec.cpu, ""));
  if (!features.empty())
    spec.features += (spec.features.empty() ? "" : ",") + features.str();
  return spec;
}

std::string TargetSpec::text() const {
  std::string result = triple.str() + " " + cpu;
  if (!features.empty())
    result += " " + features;
  return result;
}

bool cameo::isHostPlatform(const TargetSpec &spec) {
  Triple host(sys::getProcessTriple());
  return spec.triple.getArch() == host.getArch() &&
         spec.triple.getOS() == host.getOS();
}

bool cameo::hasFeatures(const TargetSpec &spec, StringRef features) {
  std::unique_ptr<MCSubtargetInfo> info =
      subtarget(spec.triple, spec.cpu, spec.features);
  return info && info->checkFeatures(features.str());
}
