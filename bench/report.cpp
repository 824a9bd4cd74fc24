#include "bench/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace liaison::bench {

void Report::add(Row row) {
  std::string line = fmt::format("{:<28} {:<26}", row.scenario, row.variant);
  for (const auto& [name, value] : row.figures) {
    line += value >= 100 || value == static_cast<long>(value)
                ? fmt::format("  {} {:.0f}", name, value)
                : fmt::format("  {} {:.2f}", name, value);
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
  rows_.push_back(std::move(row));
}

void Report::write_json(const std::string& path) const {
  nlohmann::ordered_json document;
  document["machine"] = {
      {"cores", sysconf(_SC_NPROCESSORS_ONLN)},
      {"memory_mib", sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE) / 1024}};
  auto& rows = document["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows_) {
    nlohmann::ordered_json object{{"scenario", row.scenario}, {"variant", row.variant}};
    for (const auto& [name, value] : row.figures)
      object[name] = value;
    rows.push_back(std::move(object));
  }
  std::ofstream out(path);
  out << document.dump(2) << '\n';
  out.flush();
  if (!out) throw std::runtime_error("cannot write " + path + "; the table above is all there is");
}

}  // namespace liaison::bench
