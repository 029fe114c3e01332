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

static Table kernelTable(const Report &report) {
  Table table{"Kernels, in the order of a run",
              {"kernel", "rule", "MFLOP", "share", "KB moved", "KB saved",
               "FLOP/byte", "operators", "nodes"},
              {}};
  uint64_t total = report.totalFlops();
  for (const KernelRow &row : report.kernels)
    table.rows.push_back(
        {row.name, row.rule, formatv("{0:F3}", row.flops / 1e6),
         share(row.flops, total), formatv("{0:F1}", row.bytes / 1e3),
         formatv("{0:F1}", row.savedBytes / 1e3),
         formatv("{0:F2}", row.intensity()), row.ops, row.nodes});
  return table;
}

static Table refusalTable(const Report &report) {
  Table table{"Not fused with its users", {"node", "operator", "reason"}, {}};
  for (const RefusalRow &row : report.refusals)
    table.rows.push_back({row.node, row.op, row.reason});
  return table;
}

static Table totalTable(const Report &report) {
  uint64_t saved = 0;
  for (const KernelRow &row : report.kernels)
    saved += row.savedBytes;
  auto megabytes = [](uint64_t bytes) {
    return formatv("{0:F3} MB", bytes / 1e6).str();
  };
  return {"Model " + report.model + " for " + report.target,
          {"figure", "value"},
          {{"kernels", std::to_string(report.kernels.size())},
           {"operations", formatv("{0:F3} MFLOP", report.totalFlops() / 1e6)},
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

static void printJson(const Report &report, raw_ostream &os) {
  json::Array kernels, refusals;
  for (const KernelRow &row : report.kernels)
    kernels.push_back(json::Object{{"name", row.name},
                                   {"rule", row.rule},
                                   {"operators", row.ops},
                                   {"nodes", row.nodes},
                                   {"flops", row.flops},
                                   {"bytes", row.bytes},
                                   {"saved_bytes", row.savedBytes}});
  for (const RefusalRow &row : report.refusals)
    refusals.push_back(json::Object{
        {"node", row.node}, {"operator", row.op}, {"reason", row.reason}});
  json::Object object{{"model", report.model},
                      {"target", report.target},
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
