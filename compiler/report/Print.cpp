//===- Print.cpp - Reports as text, JSON, CSV and HTML --------------------===//

#include "compiler/report/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace cameo;

namespace {
/// A table whose cells are text; the same rows serve text, CSV and HTML.
struct Table {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
} // namespace

static std::string share(uint64_t part, uint64_t whole) {
  return whole ? formatv("{0:P1}", double(part) / whole).str() : "-";
}

static StringRef algorithmOf(const KernelRow &row) {
  return row.schedule ? row.schedule.getAlgorithm() : StringRef();
}

/// The register tile of the main nest: `2x14 of 16`, vectors of 16 lanes.
static std::string tileOf(const KernelRow &row) {
  NestAttr nest = row.mainNest();
  if (!nest)
    return "-";
  std::string text;
  for (int64_t steps : nest.getTile())
    if (steps > 1)
      text += (text.empty() ? "" : "x") + std::to_string(steps);
  return (text.empty() ? "1" : text) + " of " + std::to_string(nest.getLanes());
}

/// What the main nest waits for.
static std::string boundOf(const KernelRow &row) {
  NestAttr nest = row.mainNest();
  StringRef most = "memory";
  int64_t cycles = -1;
  if (nest && nest.getCost())
    for (mlir::NamedAttribute part : nest.getCost())
      if (auto value = dyn_cast<mlir::IntegerAttr>(part.getValue());
          value && value.getInt() > cycles) {
        cycles = value.getInt();
        most = part.getName().getValue();
      }
  return most.str();
}

/// Candidates and how much longer each would take: `direct 1.83`.
static std::string slower(mlir::DictionaryAttr candidates, double chosen) {
  std::string text;
  if (!candidates || chosen <= 0)
    return text;
  for (mlir::NamedAttribute entry : candidates)
    if (auto cycles = dyn_cast<mlir::IntegerAttr>(entry.getValue()))
      text += formatv("{0}{1} {2:F2}", text.empty() ? "" : " ",
                      entry.getName().getValue(), cycles.getInt() / chosen)
                  .str();
  return text;
}

/// Algorithms, then tiles, that were estimated to be slower.
static std::string beatenOf(const KernelRow &row) {
  if (!row.schedule)
    return "";
  NestAttr nest = row.mainNest();
  std::string text = slower(row.schedule.getBeaten(), row.schedule.getCycles());
  std::string tiles = nest ? slower(nest.getBeaten(), nest.getCycles()) : "";
  return text + (text.empty() || tiles.empty() ? "" : " ") + tiles;
}

static Table kernelTable(const Report &report) {
  Table table{"Kernels, in the order of a run",
              {"kernel", "rule", "algorithm", "tile", "us", "peak", "bound by",
               "beat (times slower)", "MFLOP", "share", "KB moved", "KB saved",
               "FLOP/byte", "operators", "problem", "nodes"},
              {}};
  uint64_t total = report.totalFlops();
  for (const KernelRow &row : report.kernels)
    table.rows.push_back(
        {row.name, row.rule, algorithmOf(row).str(), tileOf(row),
         formatv("{0:F2}", report.microseconds(row)),
         formatv("{0:P0}", report.shareOfPeak(row)), boundOf(row),
         beatenOf(row), formatv("{0:F3}", row.flops / 1e6),
         share(row.flops, total), formatv("{0:F1}", row.bytes / 1e3),
         formatv("{0:F1}", row.savedBytes / 1e3),
         formatv("{0:F2}", row.intensity()), row.ops,
         row.schedule ? row.schedule.getProblem().str() : "", row.nodes});
  return table;
}

static Table refusalTable(const Report &report) {
  Table table{"Not fused with its users", {"node", "operator", "reason"}, {}};
  for (const RefusalRow &row : report.refusals)
    table.rows.push_back({row.node, row.op, row.reason});
  return table;
}

static Table totalTable(const Report &report) {
  double predicted = 0;
  for (const KernelRow &row : report.kernels)
    predicted += report.microseconds(row);
  uint64_t saved = 0;
  for (const KernelRow &row : report.kernels)
    saved += row.savedBytes;
  auto megabytes = [](uint64_t bytes) {
    return formatv("{0:F3} MB", bytes / 1e6).str();
  };
  return {
      "Model " + report.model + " for " + report.target,
      {"figure", "value"},
      {{"kernels", std::to_string(report.kernels.size())},
       {"operations", formatv("{0:F3} MFLOP", report.totalFlops() / 1e6)},
       {"time on one core", formatv("{0:F3} ms (estimate)", predicted / 1e3)},
       {"peak of a core",
        formatv("{0:F1} GFLOP/s at {1:F1} GHz",
                report.flopsPerCycle * report.clockGHz, report.clockGHz)},
       {"memory traffic", megabytes(report.totalBytes())},
       {"traffic saved by fusion", megabytes(saved)},
       {"arena", megabytes(report.arenaBytes)},
       {"most bytes live at once", megabytes(report.liveBytes)},
       {"weights", megabytes(report.weightBytes)}}};
}

static void printText(const Table &table, raw_ostream &os) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < table.header.size(); ++i) {
    size_t width = table.header[i].size();
    for (const auto &row : table.rows)
      width = std::max(width, std::min<size_t>(row[i].size(), 48));
    widths.push_back(width);
  }
  auto line = [&](const std::vector<std::string> &cells) {
    for (auto [i, cell] : llvm::enumerate(cells)) {
      bool isLast = i + 1 == cells.size();
      os << left_justify(cell, isLast ? 0 : widths[i])
         << (isLast ? "\n" : "  ");
    }
  };
  os << table.title << "\n\n";
  line(table.header);
  llvm::for_each(table.rows, line);
  os << "\n";
}

static std::string quoteCsv(StringRef cell) {
  if (cell.find_first_of(",\"\n") == StringRef::npos)
    return cell.str();
  std::string quoted = "\"";
  for (char c : cell)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

static void printCsv(const Table &table, raw_ostream &os) {
  auto line = [&](const std::vector<std::string> &cells) {
    os << join(map_range(cells,
                         [](const std::string &c) { return quoteCsv(c); }),
               ",")
       << "\n";
  };
  line(table.header);
  llvm::for_each(table.rows, line);
}

static void printHtml(const Table &table, raw_ostream &os) {
  auto line = [&](const std::vector<std::string> &cells, StringRef tag) {
    os << "<tr>";
    for (const std::string &cell : cells) {
      os << "<" << tag << ">";
      printHTMLEscaped(cell, os);
      os << "</" << tag << ">";
    }
    os << "</tr>\n";
  };
  os << "<h2>";
  printHTMLEscaped(table.title, os);
  os << "</h2>\n<table>\n";
  line(table.header, "th");
  for (const auto &row : table.rows)
    line(row, "td");
  os << "</table>\n";
}

/// Candidates with their estimates.
static json::Object estimates(mlir::DictionaryAttr candidates) {
  json::Object object;
  if (candidates)
    for (mlir::NamedAttribute entry : candidates)
      if (auto cycles = dyn_cast<mlir::IntegerAttr>(entry.getValue()))
        object[entry.getName().getValue()] = cycles.getInt();
  return object;
}

static json::Object kernelJson(const Report &report, const KernelRow &row) {
  json::Object object{{"name", row.name},
                      {"rule", row.rule},
                      {"operators", row.ops},
                      {"nodes", row.nodes},
                      {"flops", row.flops},
                      {"bytes", row.bytes},
                      {"saved_bytes", row.savedBytes},
                      {"predicted_us", report.microseconds(row)},
                      {"share_of_peak", report.shareOfPeak(row)}};
  if (!row.schedule)
    return object;
  std::string schedule;
  raw_string_ostream(schedule) << row.schedule;
  object["problem"] = row.schedule.getProblem();
  object["algorithm"] = row.schedule.getAlgorithm();
  object["algorithm_cycles"] = row.schedule.getCycles();
  object["beaten_algorithms"] = estimates(row.schedule.getBeaten());
  object["schedule"] = schedule;
  if (NestAttr nest = row.mainNest()) {
    object["tile"] = tileOf(row);
    object["bound_by"] = boundOf(row);
    object["nest_cycles"] = nest.getCycles();
    object["cost"] = estimates(nest.getCost());
    object["beaten_tiles"] = estimates(nest.getBeaten());
  }
  return object;
}

static void printJson(const Report &report, raw_ostream &os) {
  json::Array kernels, refusals;
  for (const KernelRow &row : report.kernels)
    kernels.push_back(kernelJson(report, row));
  for (const RefusalRow &row : report.refusals)
    refusals.push_back(json::Object{
        {"node", row.node}, {"operator", row.op}, {"reason", row.reason}});
  json::Object object{{"model", report.model},
                      {"target", report.target},
                      {"clock_ghz", report.clockGHz},
                      {"flops_per_cycle", report.flopsPerCycle},
                      {"flops", report.totalFlops()},
                      {"bytes", report.totalBytes()},
                      {"arena_bytes", report.arenaBytes},
                      {"live_bytes", report.liveBytes},
                      {"weight_bytes", report.weightBytes},
                      {"kernels", std::move(kernels)},
                      {"refusals", std::move(refusals)}};
  os << formatv("{0:2}", json::Value(std::move(object))) << "\n";
}

void cameo::printReport(const Report &report, ReportFormat format,
                        raw_ostream &os) {
  Table tables[] = {totalTable(report), kernelTable(report),
                    refusalTable(report)};
  switch (format) {
  case ReportFormat::Json:
    return printJson(report, os);
  case ReportFormat::Csv:
    return printCsv(tables[1], os);
  case ReportFormat::Text:
    for (const Table &table : tables)
      printText(table, os);
    return;
  case ReportFormat::Html:
    os << "<!doctype html>\n<meta charset=\"utf-8\">\n<title>";
    printHTMLEscaped(report.model, os);
    os << "</title>\n<style>body{font:14px sans-serif}table{border-collapse:"
          "collapse}td,th{padding:2px 8px;border-bottom:1px solid #ccc;"
          "text-align:left}</style>\n";
    for (const Table &table : tables)
      printHtml(table, os);
  }
}
