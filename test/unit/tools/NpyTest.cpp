// .npy files: what is written is read, and nothing malformed gets through.
#include "compiler/tools/support/Npy.h"

#include "test/unit/tools/TemporaryFile.h"

#include <cstring>

using namespace cameo;

namespace {
const int32_t kAllTypes[] = {
    CAMEO_FLOAT32, CAMEO_UINT8,  CAMEO_INT8,    CAMEO_UINT16,  CAMEO_INT16,
    CAMEO_INT32,   CAMEO_INT64,  CAMEO_BOOL,    CAMEO_FLOAT16, CAMEO_FLOAT64,
    CAMEO_UINT32,  CAMEO_UINT64, CAMEO_BFLOAT16};

/// A file of the given version with this header and data.
std::string makeNpy(const std::string &header, const std::string &data,
                    char major = 1) {
  std::string file = std::string("\x93NUMPY") + major + '\0';
  size_t length = header.size();
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i, length >>= 8)
    file += static_cast<char>(length & 0xff);
  return file + header + data;
}

std::string readError(const std::string &contents) {
  TemporaryFile file(".npy", contents);
  Tensor tensor;
  std::string error;
  EXPECT_FALSE(readNpy(file.path, tensor, error));
  return error;
}

bool contains(const std::string &text, const char *part) {
  return text.find(part) != std::string::npos;
}
} // namespace

TEST(Npy, RoundTripsEveryTypeAndRank) {
  const std::vector<std::vector<int64_t>> shapes = {
      {}, {5}, {2, 3}, {0, 4}, {1, 2, 3, 1, 2}};
  for (int32_t type : kAllTypes)
    for (const auto &shape : shapes) {
      Tensor written, read;
      std::string error;
      ASSERT_TRUE(written.allocate(type, shape, error)) << error;
      fillRandom(written, 7);
      TemporaryFile file(".npy");
      ASSERT_TRUE(writeNpy(file.path, written, error)) << error;
      ASSERT_TRUE(readNpy(file.path, read, error)) << error;
      EXPECT_EQ(read.describe(), written.describe());
      EXPECT_EQ(std::memcmp(read.data.get(), written.data.get(), read.bytes),
                0);
    }
}

TEST(Npy, ReadsAllVersionsAndOrders) {
  const char little[] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0};
  const char big[] = {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6};
  struct Case {
    const char *descr, *order;
    std::string data;
    char major;
    int64_t want[6];
  };
  const Case cases[] = {
      {"<i2", "False", {little, 12}, 1, {1, 2, 3, 4, 5, 6}},
      {"<i2", "False", {little, 12}, 2, {1, 2, 3, 4, 5, 6}},
      {">i2", "False", {big, 12}, 3, {1, 2, 3, 4, 5, 6}},
      {"<i2", "True", {little, 12}, 1, {1, 3, 5, 2, 4, 6}},
  };
  for (const Case &c : cases) {
    std::string header = std::string("{'descr': '") + c.descr +
                         "', 'fortran_order': " + c.order +
                         ", 'shape': (2, 3), }\n";
    TemporaryFile file(".npy", makeNpy(header, c.data, c.major));
    Tensor tensor;
    std::string error;
    ASSERT_TRUE(readNpy(file.path, tensor, error)) << error;
    EXPECT_EQ(tensor.describe(), "int16 2x3");
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(tensor.element(i), c.want[i]) << c.descr << c.order << i;
  }
}

TEST(Npy, TakesKeysInAnyOrder) {
  TemporaryFile file(".npy", makeNpy("{\"shape\":(1L,),\"fortran_order\":False,"
                                     "\"descr\":\"|u1\"}",
                                     "\x2a"));
  Tensor tensor;
  std::string error;
  ASSERT_TRUE(readNpy(file.path, tensor, error)) << error;
  EXPECT_EQ(tensor.element(0), 42);
}

TEST(Npy, RefusesMalformedFiles) {
  EXPECT_TRUE(contains(readError(""), "wrong magic"));
  EXPECT_TRUE(contains(readError("\x93NUMPX\1"), "wrong magic"));
  EXPECT_TRUE(contains(readError("\x93NUMPY"), "truncated"));
  EXPECT_TRUE(contains(readError(makeNpy("{}", "", 9)), "version 9"));
  EXPECT_TRUE(contains(readError(makeNpy("{}", "")), "cannot be parsed"));
  for (const char *header :
       {"{'descr': '<f4'", "{'descr': '<f4', 'fortran_order': Maybe}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': "
        "(99999999999999999999,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x"})
    EXPECT_TRUE(contains(readError(makeNpy(header, "")), "cannot be parsed"))
        << header;
}

static std::string headerOf(const char *descr, const char *shape) {
  return std::string("{'descr': '") + descr +
         "', 'fortran_order': False, 'shape': " + shape + ", }";
}

TEST(Npy, RefusesTypesAndSizesItCannotHold) {
  EXPECT_TRUE(contains(readError(makeNpy(headerOf("<c8", "(1,)"), "12345678")),
                       "type '<c8' is not supported"));
  EXPECT_TRUE(contains(readError(makeNpy(headerOf("|O", "(1,)"), "")),
                       "type '|O' is not supported"));
  EXPECT_TRUE(contains(readError(makeNpy(headerOf("<f4", "(2, 3)"), "1234")),
                       "truncated: 4 bytes of data where shape 2x3 needs 24"));
  EXPECT_TRUE(contains(
      readError(makeNpy(headerOf("<f4", "(4611686018427387904, 4)"), "")),
      "too large"));
  EXPECT_TRUE(
      contains(readError(makeNpy(headerOf("<f4", "(1000000000, 100)"), "")),
               "truncated"));
}

TEST(Npy, EveryTruncationIsAnError) {
  Tensor tensor;
  std::string error, contents;
  ASSERT_TRUE(tensor.allocate(CAMEO_FLOAT32, {3}, error));
  TemporaryFile whole(".npy");
  ASSERT_TRUE(writeNpy(whole.path, tensor, error));
  ASSERT_TRUE(readFile(whole.path, contents, error));
  for (size_t length = 0; length < contents.size(); ++length)
    EXPECT_NE(readError(contents.substr(0, length)), "");
}

TEST(Npy, ReportsMissingAndUnwritableFiles) {
  Tensor tensor;
  std::string error;
  EXPECT_FALSE(readNpy("/nonexistent/x.npy", tensor, error));
  EXPECT_TRUE(contains(error, "cannot read '/nonexistent/x.npy'"));
  EXPECT_FALSE(readNpy("/", tensor, error));
  EXPECT_TRUE(contains(error, "not a regular file"));
  ASSERT_TRUE(tensor.allocate(CAMEO_FLOAT32, {3}, error));
  EXPECT_FALSE(writeNpy("/nonexistent/x.npy", tensor, error));
  EXPECT_TRUE(contains(error, "cannot write"));
}
