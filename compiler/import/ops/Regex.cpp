//===- Regex.cpp - Regular expressions as automata ------------------------===//
//
// Recursive descent to Thompson's nondeterministic automaton, then the subset
// construction. Characters beyond ASCII are sequences of bytes (UTF-8).
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Regex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <bitset>
#include <map>

using llvm::StringRef;
using namespace cameo;

namespace {

using ByteSet = std::bitset<Automaton::kBytes>;

/// More make an automaton that is not worth its memory.
constexpr size_t kMostNodes = 4096, kMostStates = 512;
constexpr int kMostDepth = 64, kMostRepeats = 256;

/// Goes to `next` on a byte of the set; or without one to `next` and `other`,
/// to `next` before the first byte, or after the last one.
struct Node {
  enum Kind { Byte, Split, Begin, End };
  Kind kind;
  ByteSet bytes = {};
  int next = -1, other = -1;
};

/// A part of the automaton with one way in and one out.
struct Part {
  int first, last; ///< `last` has no `next` yet.
};

class Parser {
public:
  explicit Parser(StringRef pattern) : rest(pattern) {}

  /// The automaton of the whole pattern; `accept` is its last node.
  bool parse(int &start, int &accept);

  std::vector<Node> nodes;
  std::string error;

private:
  int add(Node::Kind kind = Node::Split) {
    nodes.push_back({kind});
    return static_cast<int>(nodes.size()) - 1;
  }
  Part empty() {
    int node = add();
    return {node, node};
  }
  Part bytes(const ByteSet &set) {
    int node = add(Node::Byte), end = add();
    nodes[node].bytes = set;
    nodes[node].next = end;
    return {node, end};
  }
  Part anchor(Node::Kind kind) {
    int node = add(kind), end = add();
    nodes[node].next = end;
    return {node, end};
  }
  Part join(Part a, Part b) {
    nodes[a.last].next = b.first;
    return {a.first, b.last};
  }
  Part either(Part a, Part b) {
    int split = add(), end = add();
    nodes[split].next = a.first;
    nodes[split].other = b.first;
    nodes[a.last].next = nodes[b.last].next = end;
    return {split, end};
  }
  /// `least` is 0 or 1 times, with or without more.
  Part repeat(Part part, bool mayBeAbsent, bool mayGoOn) {
    int split = add(), end = add();
    nodes[part.last].next = split;
    nodes[split].next = end;
    if (mayGoOn)
      nodes[split].other = part.first;
    if (!mayBeAbsent)
      return {part.first, end};
    int before = add();
    nodes[before].next = part.first;
    nodes[before].other = end;
    return {before, end};
  }
  bool fail(const std::string &reason) {
    if (error.empty())
      error = reason;
    return false;
  }
  Part beyondAscii();
  bool parseAlternatives(Part &part);
  bool parseSequence(Part &part);
  bool parseRepeated(Part &part);
  bool parseCount(int &least, int &most);
  bool parseAtom(Part &part);
  bool parseGroup(Part &part);
  bool parseClass(Part &part);
  bool parseClassItem(ByteSet &set);
  bool parseEscape(ByteSet &set);

  StringRef rest;
  int depth = 0;
};

} // namespace

static ByteSet range(int first, int last) {
  ByteSet set;
  for (int byte = first; byte <= last; ++byte)
    set.set(byte);
  return set;
}

static ByteSet ascii(const ByteSet &set) { return set & range(1, 127); }

/// One character of two to four bytes.
Part Parser::beyondAscii() {
  ByteSet following = range(0x80, 0xBF);
  Part two = join(bytes(range(0xC2, 0xDF)), bytes(following));
  Part three =
      join(bytes(range(0xE0, 0xEF)), join(bytes(following), bytes(following)));
  Part four =
      join(bytes(range(0xF0, 0xF4)),
           join(bytes(following), join(bytes(following), bytes(following))));
  return either(two, either(three, four));
}

bool Parser::parseAlternatives(Part &part) {
  if (++depth > kMostDepth)
    return fail("groups are nested too deeply");
  if (!parseSequence(part))
    return false;
  while (rest.consume_front("|")) {
    Part other;
    if (!parseSequence(other))
      return false;
    part = either(part, other);
  }
  --depth;
  return true;
}

bool Parser::parseSequence(Part &part) {
  part = empty();
  while (!rest.empty() && rest.front() != '|' && rest.front() != ')') {
    Part next;
    if (!parseRepeated(next))
      return false;
    part = join(part, next);
    if (nodes.size() > kMostNodes)
      return fail("it is too large");
  }
  return true;
}

/// {n}, {n,} or {n,m}; `most` is -1 where there is no limit.
bool Parser::parseCount(int &least, int &most) {
  if (rest.consumeInteger(10, least))
    return fail("a repetition without a number");
  most = least;
  if (rest.consume_front(",")) {
    most = -1;
    if (!rest.starts_with("}") && rest.consumeInteger(10, most))
      return fail("a repetition without a number");
  }
  if (!rest.consume_front("}") || least < 0 || least > kMostRepeats ||
      most > kMostRepeats || (most >= 0 && most < least))
    return fail("a repetition of bad numbers");
  return true;
}

bool Parser::parseRepeated(Part &part) {
  StringRef before = rest;
  if (!parseAtom(part))
    return false;
  StringRef atom = before.drop_back(rest.size());
  if (rest.consume_front("*")) {
    part = repeat(part, /*mayBeAbsent=*/true, /*mayGoOn=*/true);
  } else if (rest.consume_front("+")) {
    part = repeat(part, /*mayBeAbsent=*/false, /*mayGoOn=*/true);
  } else if (rest.consume_front("?")) {
    part = repeat(part, /*mayBeAbsent=*/true, /*mayGoOn=*/false);
  } else if (rest.consume_front("{")) {
    int least = 0, most = 0;
    if (!parseCount(least, most))
      return false;
    // As many copies as are needed, then those that may be absent.
    StringRef after = rest;
    part = empty();
    for (int i = 0; i < std::max({least, most, least + (most < 0)}); ++i) {
      Part copy;
      rest = atom;
      if (!parseAtom(copy) || nodes.size() > kMostNodes)
        return fail("it is too large");
      if (i >= least)
        copy = repeat(copy, /*mayBeAbsent=*/true, /*mayGoOn=*/most < 0);
      part = join(part, copy);
    }
    rest = after;
  } else {
    return true;
  }
  // Whether it takes more or less makes no difference to whole matches.
  rest.consume_front("?");
  if (!rest.empty() && StringRef("*+?{").contains(rest.front()))
    return fail("a repetition of a repetition");
  return true;
}

bool Parser::parseGroup(Part &part) {
  if (rest.consume_front("?") && !rest.consume_front(":")) {
    bool isNamed = rest.consume_front("P<") || rest.consume_front("<");
    size_t end = rest.find('>');
    if (!isNamed || end == StringRef::npos || rest.starts_with("=") ||
        rest.starts_with("!"))
      return fail("flags and look-around are not supported");
    rest = rest.drop_front(end + 1);
  }
  if (!parseAlternatives(part))
    return false;
  return rest.consume_front(")") || fail("a group without its end");
}

bool Parser::parseAtom(Part &part) {
  char c = rest.front();
  rest = rest.drop_front();
  ByteSet set;
  switch (c) {
  case '(':
    return parseGroup(part);
  case '[':
    return parseClass(part);
  case '.':
    set = range(1, 127);
    set.reset('\n');
    part = either(bytes(set), beyondAscii());
    return true;
  case '\\': {
    if (rest.starts_with("A") || rest.starts_with("z")) {
      part = anchor(rest.front() == 'A' ? Node::Begin : Node::End);
      rest = rest.drop_front();
      return true;
    }
    bool isNegated = !rest.empty() && StringRef("DWS").contains(rest.front());
    if (!parseEscape(set))
      return false;
    part = bytes(set);
    if (isNegated)
      part = either(part, beyondAscii());
    return true;
  }
  case '^':
    part = anchor(Node::Begin);
    return true;
  case '$':
    part = anchor(Node::End);
    return true;
  case '*':
  case '+':
  case '?':
    return fail("a repetition of nothing");
  default:
    break;
  }
  // The bytes of one character belong together.
  part = bytes(range(static_cast<uint8_t>(c), static_cast<uint8_t>(c)));
  while (static_cast<uint8_t>(c) >= 0xC0 && !rest.empty() &&
         (static_cast<uint8_t>(rest.front()) & 0xC0) == 0x80) {
    auto byte = static_cast<uint8_t>(rest.front());
    part = join(part, bytes(range(byte, byte)));
    rest = rest.drop_front();
  }
  return true;
}

bool Parser::parseEscape(ByteSet &set) {
  if (rest.empty())
    return fail("a backslash at the end");
  char c = rest.front();
  rest = rest.drop_front();
  ByteSet digits = range('0', '9'),
          spaces = range('\t', '\n') | range('\f', '\r') | range(' ', ' ');
  ByteSet word = digits | range('a', 'z') | range('A', 'Z') | range('_', '_');
  const std::pair<char, ByteSet> classes[] = {{'d', digits},
                                              {'D', ascii(~digits)},
                                              {'s', spaces},
                                              {'S', ascii(~spaces)},
                                              {'w', word},
                                              {'W', ascii(~word)},
                                              {'n', range('\n', '\n')},
                                              {'t', range('\t', '\t')},
                                              {'r', range('\r', '\r')},
                                              {'f', range('\f', '\f')},
                                              {'v', range('\v', '\v')}};
  for (const auto &[name, members] : classes)
    if (c == name) {
      set |= members;
      return true;
    }
  if (llvm::isAlnum(c) || static_cast<uint8_t>(c) >= 0x80)
    return fail(std::string("the escape \\") + c);
  set.set(static_cast<uint8_t>(c));
  return true;
}

/// A character, a range, an escape or [:name:] of a class.
bool Parser::parseClassItem(ByteSet &set) {
  if (rest.starts_with("[:"))
    return fail("named classes are not supported");
  char first = rest.front();
  rest = rest.drop_front();
  if (first == '\\')
    return parseEscape(set);
  char last = first;
  if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
    last = rest[1];
    rest = rest.drop_front(2);
    if (last == '\\' || last < first)
      return fail("a bad range in a class");
  }
  if (static_cast<uint8_t>(first) >= 0x80 || static_cast<uint8_t>(last) >= 0x80)
    return fail("classes of characters beyond ASCII are not supported");
  set |= range(first, last);
  return true;
}

bool Parser::parseClass(Part &part) {
  bool isNegated = rest.consume_front("^");
  ByteSet set;
  // A bracket at the beginning is a member.
  for (bool isFirst = true; isFirst || !rest.starts_with("]"); isFirst = false)
    if (rest.empty() || !parseClassItem(set))
      return fail("a class without its end");
  rest = rest.drop_front();
  part = bytes(ascii(isNegated ? ~set : set));
  if (isNegated)
    part = either(part, beyondAscii());
  return true;
}

bool Parser::parse(int &start, int &accept) {
  Part whole;
  if (!parseAlternatives(whole))
    return false;
  if (!rest.empty())
    return fail("a group without its beginning");
  start = whole.first;
  accept = whole.last;
  return true;
}

//===----------------------------------------------------------------------===//
// Subset construction
//===----------------------------------------------------------------------===//

using States = std::vector<int>;

/// What can be reached from `states` without a byte, before the first one and
/// after the last one.
static States closure(const std::vector<Node> &nodes, States states,
                      bool isFirst, bool isLast) {
  std::vector<bool> seen(nodes.size());
  States result;
  while (!states.empty()) {
    int state = states.back();
    states.pop_back();
    if (state < 0 || seen[state])
      continue;
    seen[state] = true;
    result.push_back(state);
    const Node &node = nodes[state];
    bool passes = node.kind == Node::Split ||
                  (node.kind == Node::Begin && isFirst) ||
                  (node.kind == Node::End && isLast);
    if (passes)
      states.insert(states.end(), {node.next, node.other});
  }
  llvm::sort(result);
  return result;
}

std::optional<Automaton> Automaton::compile(StringRef pattern,
                                            std::string &error) {
  Parser parser(pattern);
  int start = 0, accept = 0;
  if (!parser.parse(start, accept)) {
    error = parser.error;
    return std::nullopt;
  }
  Automaton automaton;
  const std::vector<Node> &nodes = parser.nodes;
  std::map<States, size_t> numbers;
  // The first state is none of the others: only there does text begin.
  std::vector<States> all = {
      closure(nodes, {start}, /*isFirst=*/true, /*isLast=*/false)};
  auto number = [&](States states) {
    auto [found, isNew] = numbers.try_emplace(std::move(states), all.size());
    if (isNew)
      all.push_back(found->first);
    return found->second;
  };
  for (size_t i = 0; i < all.size(); ++i) {
    if (all.size() > kMostStates) {
      error = "it needs too many states";
      return std::nullopt;
    }
    States states = all[i]; // A copy: `all` grows.
    States last = closure(nodes, states, /*isFirst=*/i == 0, /*isLast=*/true);
    automaton.accepts.push_back(llvm::binary_search(last, accept));
    automaton.next.push_back(static_cast<int64_t>(i) * kBytes);
    for (int byte = 1; byte < kBytes; ++byte) {
      States reached;
      for (int state : states)
        if (nodes[state].kind == Node::Byte && nodes[state].bytes[byte])
          reached.push_back(nodes[state].next);
      size_t next = number(closure(nodes, std::move(reached),
                                   /*isFirst=*/false, /*isLast=*/false));
      automaton.next.push_back(static_cast<int64_t>(next) * kBytes);
    }
  }
  return automaton;
}

bool Automaton::matches(StringRef text) const {
  int64_t state = 0;
  for (char c : text)
    state = next[state + static_cast<uint8_t>(c)];
  return accepts[state / kBytes] != 0;
}
