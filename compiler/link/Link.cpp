//===- Link.cpp - Archives and shared libraries ---------------------------===//

#include "compiler/link/Link.h"

#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace llvm;
using namespace cameo;

std::string cameo::findRuntimeArchive(StringRef executable) {
  SmallString<256> path(executable);
  sys::fs::real_path(executable, path);
  sys::path::remove_filename(path);
  sys::path::append(path, "..", "lib", "cameo", "libcameo_runtime.a");
  return sys::fs::exists(path) ? std::string(path) : std::string();
}

static Error addMembers(StringRef runtime,
                        std::vector<NewArchiveMember> &members,
                        std::unique_ptr<MemoryBuffer> &buffer) {
  auto file = MemoryBuffer::getFile(runtime);
  if (!file)
    return createStringError(file.getError(), "cannot read '%s': %s",
                             runtime.str().c_str(),
                             file.getError().message().c_str());
  buffer = std::move(*file);
  auto archive = object::Archive::create(buffer->getMemBufferRef());
  if (!archive)
    return archive.takeError();
  Error error = Error::success();
  for (const object::Archive::Child &child : (*archive)->children(error)) {
    auto member = NewArchiveMember::getOldMember(child, /*Deterministic=*/true);
    if (!member)
      return joinErrors(std::move(error), member.takeError());
    members.push_back(std::move(*member));
  }
  return error;
}

Error cameo::writeArchive(StringRef object, StringRef runtime,
                          StringRef output) {
  std::vector<NewArchiveMember> members;
  auto model = NewArchiveMember::getFile(object, /*Deterministic=*/true);
  if (!model)
    return model.takeError();
  std::string memberName = sys::path::stem(output).str() + ".o";
  model->MemberName = memberName;
  members.push_back(std::move(*model));
  std::unique_ptr<MemoryBuffer> buffer;
  if (!runtime.empty())
    if (Error error = addMembers(runtime, members, buffer))
      return error;
  // writeArchive itself writes to a temporary file and renames it.
  return llvm::writeArchive(output, members, SymtabWritingMode::NormalSymtab,
                            object::Archive::K_GNU, /*Deterministic=*/true,
                            /*Thin=*/false);
}

/// Runs a program; its standard error becomes the error's text.
static Error runProgram(StringRef program, ArrayRef<StringRef> args) {
  SmallString<128> log;
  if (std::error_code code =
          sys::fs::createTemporaryFile("cameo-link", "log", log))
    return createStringError(code, "cannot create a temporary file");
  FileRemover remove(log);
  std::string message;
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  int status = sys::ExecuteAndWait(program, args, std::nullopt, redirects, 0, 0,
                                   &message);
  if (status == 0)
    return Error::success();
  if (auto text = MemoryBuffer::getFile(log))
    message += (*text)->getBuffer();
  return createStringError(inconvertibleErrorCode(), "%s failed: %s",
                           program.str().c_str(),
                           StringRef(message).trim().str().c_str());
}

static Error writeText(StringRef path, StringRef text) {
  return writeToOutput(path, [&](raw_ostream &os) {
    os << text;
    return Error::success();
  });
}

Error cameo::linkShared(StringRef object, StringRef runtime, StringRef name,
                        StringRef emulation, StringRef output) {
  ErrorOr<std::string> linker = sys::findProgramByName("ld.lld-22");
  for (const char *other : {"ld.lld", "/usr/lib/llvm-22/bin/ld.lld"})
    if (!linker)
      linker = sys::findProgramByName(other);
  if (!linker)
    return createStringError(
        inconvertibleErrorCode(),
        "linking a shared library needs ld.lld (package lld-22); an "
        "object or archive needs no linker: -o MODEL.a");
  std::string script = (output + ".exports").str(),
              partial = (output + ".partial").str();
  FileRemover removeScript(script), removePartial(partial);
  if (Error error = writeText(script, ("{ global: " + name + "_run; " + name +
                                       "_model; cameo_*; local: *; };\n")
                                          .str()))
    return error;
  std::string soname = ("-soname=" + sys::path::filename(output)).str();
  std::string exports = "--version-script=" + script;
  SmallVector<StringRef> args = {*linker,
                                 "-m",
                                 emulation,
                                 "-shared",
                                 "--gc-sections",
                                 "-z",
                                 "relro",
                                 "-z",
                                 "now",
                                 "-z",
                                 "noexecstack",
                                 "--build-id=none",
                                 "--hash-style=gnu",
                                 soname,
                                 exports,
                                 "--undefined-version",
                                 "-o",
                                 partial,
                                 object};
  if (!runtime.empty())
    args.append({"--whole-archive", runtime, "--no-whole-archive"});
  if (Error error = runProgram(*linker, args))
    return error;
  if (std::error_code code = sys::fs::rename(partial, output))
    return createStringError(code, "cannot write '%s': %s",
                             output.str().c_str(), code.message().c_str());
  removePartial.releaseFile();
  return Error::success();
}
