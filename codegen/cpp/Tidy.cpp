//===- Tidy.cpp - Readable form of a printed function ---------------------===//
//
// Upstream's printer names values v1, v2, ..., knows no `p[i]` inside an
// expression and keeps vector expressions out of statements. This works on the
// lines it prints; it relies on their regular form, not on C++ in general.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Tidy.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using llvm::StringRef;

namespace {

constexpr unsigned kColumns = 100;
/// Statements do not grow beyond this by taking in a temporary.
constexpr size_t kMaxStatement = 180;

bool isWordChar(char c) { return llvm::isAlnum(c) || c == '_'; }

/// Calls `fn(start, word)` for every identifier of a line.
template <typename Fn> void forEachWord(StringRef line, Fn fn) {
  for (size_t i = 0; i < line.size();) {
    if (!isWordChar(line[i])) {
      ++i;
      continue;
    }
    size_t start = i;
    while (i < line.size() && isWordChar(line[i]))
      ++i;
    fn(start, line.slice(start, i));
  }
}

/// v12: a value named by the printer.
bool isTemporary(StringRef word) {
  return word.consume_front("v") && !word.empty() &&
         llvm::all_of(word, llvm::isDigit);
}

/// `TYPE vN;` or `TYPE vN = E;`
struct Declaration {
  StringRef type, name, value;
};

std::optional<Declaration> parseDeclaration(StringRef line) {
  if (!line.consume_back(";") || line.starts_with("for ") ||
      line.starts_with("return"))
    return std::nullopt;
  auto [head, value] = line.split(" = ");
  auto [type, name] = head.rsplit(' ');
  if (!isTemporary(name) || type.empty() || type.contains('[') ||
      type.contains('('))
    return std::nullopt;
  return Declaration{type, name, value};
}

class Tidier {
public:
  Tidier(StringRef source, llvm::ArrayRef<cameo::cpp::Parameter> parameters);
  std::string run();

private:
  void subscripts(std::string &line);
  void increments(std::string &line);
  void countWords();
  void joinDeclarations();
  void substituteTemporaries();
  bool substitute(const Declaration &declaration, size_t next);
  void chooseNames();
  std::string renamed(StringRef line);
  std::string signature();

  llvm::ArrayRef<cameo::cpp::Parameter> parameters;
  std::string head; // everything before the parameters
  std::vector<std::string> lines;
  llvm::StringMap<unsigned> uses;
  llvm::StringMap<std::string> names;
};

} // namespace

Tidier::Tidier(StringRef source,
               llvm::ArrayRef<cameo::cpp::Parameter> parameters)
    : parameters(parameters) {
  llvm::SmallVector<StringRef> raw;
  source.split(raw, '\n');
  head = raw.front().split('(').first.str();
  for (StringRef line : llvm::ArrayRef(raw).drop_front())
    if (line = line.trim(); !line.empty())
      lines.push_back(line.str());
  if (!lines.empty() && lines.back() == "}")
    lines.pop_back();
  if (!lines.empty() && lines.back() == "return;")
    lines.pop_back();
}

/// The position of the parenthesis that closes the one at `open`.
static size_t closingParen(StringRef text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0)
      return i;
  }
  return StringRef::npos;
}

/// Drops one pair of parentheses around the whole text.
static StringRef unwrapped(StringRef text) {
  if (text.starts_with("(") && closingParen(text, 0) == text.size() - 1)
    return text.drop_front().drop_back();
  return text;
}

/// Pattern: *(p + i) -> p[i]
void Tidier::subscripts(std::string &line) {
  // From the right, so that nested ones are done first.
  for (size_t at = line.rfind("*("); at != std::string::npos;
       at = at ? line.rfind("*(", at - 1) : std::string::npos) {
    if (at && (isWordChar(line[at - 1]) || line[at - 1] == ')'))
      continue;
    size_t close = closingParen(line, at + 1);
    if (close == StringRef::npos)
      continue;
    StringRef inner = StringRef(line).slice(at + 2, close);
    size_t plus = inner.find(" + ");
    if (plus == StringRef::npos ||
        !llvm::all_of(inner.take_front(plus), isWordChar))
      continue;
    std::string text = (inner.take_front(plus) + "[" +
                        unwrapped(inner.drop_front(plus + 3)) + "]")
                           .str();
    line.replace(at, close + 1 - at, text);
  }
}

void Tidier::countWords() {
  uses.clear();
  for (const std::string &line : lines)
    forEachWord(line, [&](size_t, StringRef word) {
      if (isTemporary(word))
        ++uses[word];
    });
}

/// Pattern: T v; ... v = e; -> ... T v = e; (in the same block)
void Tidier::joinDeclarations() {
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string line = lines[i];
    std::optional<Declaration> declaration = parseDeclaration(line);
    if (!declaration || !declaration->value.empty())
      continue;
    std::string prefix = (declaration->name + " = ").str();
    for (size_t j = i + 1; j < lines.size(); ++j) {
      if (StringRef(lines[j]).ends_with("{") ||
          StringRef(lines[j]).starts_with("}"))
        break;
      bool mentioned = false;
      forEachWord(lines[j], [&](size_t, StringRef word) {
        mentioned |= word == declaration->name;
      });
      if (!mentioned)
        continue;
      if (StringRef(lines[j]).starts_with(prefix)) {
        lines[j] = (declaration->type + " ").str() + lines[j];
        lines[i].clear();
      }
      break;
    }
  }
  llvm::erase_if(lines, [](const std::string &line) { return line.empty(); });
}

/// Pattern: i += 1 -> ++i
void Tidier::increments(std::string &line) {
  StringRef text = line;
  if (!text.starts_with("for ") || !text.consume_back(" += 1) {"))
    return;
  auto [front, counter] = text.rsplit(' ');
  line = (front + " ++" + counter + ") {").str();
}

/// Replaces the name of a temporary in the next statement, where it stands as a
/// whole operand, by its value.
bool Tidier::substitute(const Declaration &declaration, size_t next) {
  StringRef line = lines[next];
  if (line.starts_with("for ") || line.starts_with("while") ||
      line.starts_with("} while") ||
      line.size() + declaration.value.size() > kMaxStatement)
    return false;
  size_t at = StringRef::npos;
  unsigned count = 0;
  forEachWord(line, [&](size_t start, StringRef word) {
    if (word != declaration.name)
      return;
    at = start;
    ++count;
  });
  if (count != 1 || at < 1)
    return false;
  StringRef before = line.take_front(at),
            after = line.drop_front(at + declaration.name.size());
  bool whole = (before.ends_with("= ") || before.ends_with("(") ||
                before.ends_with(", ") || before.ends_with("[")) &&
               (after.starts_with(";") || after.starts_with(")") ||
                after.starts_with(",") || after.starts_with("]"));
  // `(v)` after a word is an argument; elsewhere it is a parenthesised operand.
  if (!whole || (before.ends_with("= ") && !after.starts_with(";")))
    return false;
  lines[next] = (before + declaration.value + after).str();
  return true;
}

void Tidier::substituteTemporaries() {
  countWords();
  for (size_t i = lines.size(); i-- > 0;) {
    std::string line = lines[i];
    std::optional<Declaration> declaration = parseDeclaration(line);
    if (!declaration || declaration->value.empty() ||
        uses[declaration->name] != 2)
      continue;
    if (i + 1 < lines.size() && substitute(*declaration, i + 1))
      lines.erase(lines.begin() + i);
  }
}

/// Parameters get their names, loop counters their letter, variables that are
/// assigned again accN and other temporaries vN in order of appearance.
void Tidier::chooseNames() {
  for (auto [i, parameter] : llvm::enumerate(parameters))
    names["v" + std::to_string(i + 1)] = parameter.name;
  llvm::StringMap<bool> assigned;
  for (const std::string &line : lines)
    if (StringRef target = StringRef(line).split(" = ").first;
        isTemporary(target))
      assigned[target] = true;
  unsigned temporaries = 0, variables = 0;
  auto name = [&](size_t, StringRef word) {
    if (names.count(word))
      return;
    if (isTemporary(word))
      names[word] = assigned.lookup(word) ? "acc" + std::to_string(variables++)
                                          : "v" + std::to_string(temporaries++);
    else if (word.size() > 1 && word[0] >= 'i' && word[0] <= 't' &&
             llvm::all_of(word.drop_front(), llvm::isDigit))
      names[word] = word.take_front(1).str();
  };
  for (const std::string &line : lines)
    // Only counters declared by a loop; vector types look alike.
    if (StringRef text = line; text.consume_front("for (int64_t "))
      name(0, text.split(' ').first);
  for (const std::string &line : lines)
    forEachWord(line, [&](size_t start, StringRef word) {
      if (isTemporary(word))
        name(start, word);
    });
}

std::string Tidier::renamed(StringRef line) {
  std::string result;
  size_t last = 0;
  forEachWord(line, [&](size_t start, StringRef word) {
    auto it = names.find(word);
    if (it == names.end())
      return;
    result += line.slice(last, start).str() + it->second;
    last = start + word.size();
  });
  return result + line.substr(last).str();
}

std::string Tidier::signature() {
  // Kernels stay functions of their own: for profiles, and because buffers of
  // the arena change their type from one kernel to the next.
  std::string text = "__attribute__((noinline)) " + head + "(";
  for (auto [i, parameter] : llvm::enumerate(parameters))
    text += (i ? ", " : "") + parameter.type + parameter.name;
  return cameo::cpp::wrapLine(text + ") {", 0);
}

std::string Tidier::run() {
  for (std::string &line : lines) {
    subscripts(line);
    increments(line);
  }
  joinDeclarations();
  substituteTemporaries();
  chooseNames();
  std::string text = signature();
  // A parameter that nothing uses would be a warning.
  for (const auto &[i, parameter] : llvm::enumerate(parameters)) {
    std::string word = "v" + std::to_string(i + 1);
    bool used = false;
    for (const std::string &line : lines)
      forEachWord(line, [&](size_t, StringRef w) { used |= w == word; });
    if (!used)
      text += "  (void)" + parameter.name + ";\n";
  }
  unsigned indent = 2;
  for (StringRef line : lines) {
    if (line.starts_with("}") && indent > 2)
      indent -= 2;
    text += cameo::cpp::wrapLine(renamed(line), indent);
    if (line.ends_with("{"))
      indent += 2;
  }
  return text + "}\n";
}

std::string cameo::cpp::tidyFunction(StringRef source,
                                     llvm::ArrayRef<Parameter> parameters) {
  return Tidier(source, parameters).run();
}

/// Where to break a line that is too long: after the last comma, or before the
/// last operator, that fits; 0 if there is no such place.
static size_t breakPosition(StringRef line, size_t room) {
  size_t comma = line.take_front(room).rfind(", ");
  if (comma != StringRef::npos && comma > 8)
    return comma + 2;
  size_t best = 0;
  for (StringRef symbol : {" + ", " - ", " * ", " ? ", " : ", " = "}) {
    size_t at = line.take_front(room).rfind(symbol);
    if (at != StringRef::npos && at > 8)
      best = std::max(best, at + (symbol == " = " ? 3 : 1));
  }
  return best;
}

std::string cameo::cpp::wrapLine(StringRef line, unsigned indent) {
  std::string result;
  unsigned current = indent;
  while (current + line.size() > kColumns) {
    size_t at = breakPosition(line, kColumns - current);
    if (!at)
      break;
    result +=
        std::string(current, ' ') + line.take_front(at).rtrim().str() + "\n";
    line = line.drop_front(at).ltrim();
    current = indent + 4;
  }
  return result + std::string(current, ' ') + line.str() + "\n";
}
