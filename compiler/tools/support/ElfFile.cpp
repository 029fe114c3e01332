// Implements ElfFile.h. Every offset is checked against the file's size. Reads
// headers and the dynamic symbols only: libraries may hold gigabytes of
// weights.
#include "compiler/tools/support/ElfFile.h"

#include "compiler/tools/support/Text.h"

#include <cstring>
#include <elf.h>
#include <fstream>

namespace cameo {

namespace {

/// Random access to the file, bounds-checked.
class ElfReader {
public:
  explicit ElfReader(const std::string &path)
      : stream(path, std::ios::binary | std::ios::ate) {
    if (stream)
      size = static_cast<uint64_t>(stream.tellg());
  }

  bool isOpen() const { return stream.is_open() && stream.good(); }

  bool contains(uint64_t offset, uint64_t length) const {
    return offset <= size && length <= size - offset;
  }

  bool read(uint64_t offset, void *target, uint64_t length) {
    if (!contains(offset, length))
      return false;
    stream.clear();
    stream.seekg(static_cast<std::streamoff>(offset));
    stream.read(static_cast<char *>(target),
                static_cast<std::streamsize>(length));
    return stream.good();
  }

  template <typename T>
  bool readTable(uint64_t offset, uint64_t count, std::vector<T> &table) {
    uint64_t bytes = sizeof(T);
    if (!multiplyInto(bytes, count) || !contains(offset, bytes))
      return false;
    table.resize(count);
    return count == 0 || read(offset, table.data(), bytes);
  }

private:
  std::ifstream stream;
  uint64_t size = 0;
};

} // namespace

static bool checkHeader(ElfReader &file, Elf64_Ehdr &header, std::string &why) {
  if (!file.read(0, &header, sizeof header) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    why = "it is not an ELF file";
    return false;
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    why = "it is not a 64-bit little-endian ELF file";
    return false;
  }
  if (header.e_type != ET_DYN) {
    why = "it is not a shared library";
    return false;
  }
  return true;
}

static bool checkSegments(ElfReader &file, const Elf64_Ehdr &header) {
  std::vector<Elf64_Phdr> segments;
  if (header.e_phentsize != sizeof(Elf64_Phdr) ||
      !file.readTable(header.e_phoff, header.e_phnum, segments))
    return false;
  for (const Elf64_Phdr &segment : segments)
    if (segment.p_type == PT_LOAD &&
        !file.contains(segment.p_offset, segment.p_filesz))
      return false;
  return true;
}

/// Appends the global functions that the table `symbols` defines.
static bool listFunctions(ElfReader &file, const Elf64_Shdr &symbols,
                          const Elf64_Shdr &strings,
                          std::vector<std::string> &functions) {
  std::vector<Elf64_Sym> table;
  std::vector<char> names;
  if (!file.readTable(symbols.sh_offset, symbols.sh_size / sizeof(Elf64_Sym),
                      table) ||
      !file.readTable(strings.sh_offset, strings.sh_size, names) ||
      names.empty() || names.back() != '\0')
    return false;
  for (const Elf64_Sym &symbol : table) {
    bool exported = ELF64_ST_TYPE(symbol.st_info) == STT_FUNC &&
                    ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
                    symbol.st_shndx != SHN_UNDEF;
    if (exported && symbol.st_name < names.size())
      functions.push_back(&names[symbol.st_name]);
  }
  return true;
}

static bool readSymbols(ElfReader &file, const Elf64_Ehdr &header,
                        std::vector<std::string> &functions) {
  if (header.e_shnum == 0) // stripped of sections; names must be given then
    return true;
  std::vector<Elf64_Shdr> sections;
  if (header.e_shentsize != sizeof(Elf64_Shdr) ||
      !file.readTable(header.e_shoff, header.e_shnum, sections))
    return false;
  for (const Elf64_Shdr &section : sections)
    if (section.sh_type == SHT_DYNSYM &&
        (section.sh_link >= sections.size() ||
         !listFunctions(file, section, sections[section.sh_link], functions)))
      return false;
  return true;
}

bool readExportedFunctions(const std::string &path,
                           std::vector<std::string> &functions,
                           std::string &error) {
  ElfReader file(path);
  Elf64_Ehdr header;
  std::string why;
  if (!file.isOpen())
    why = "cannot open the file";
  else if (checkHeader(file, header, why) &&
           !(checkSegments(file, header) &&
             readSymbols(file, header, functions)))
    why = "the file is truncated or damaged";
  if (why.empty())
    return true;
  error = text("cannot load '%s': %s", path.c_str(), why.c_str());
  return false;
}

} // namespace cameo
