#pragma once

#include <string>
#include <utility>
#include <vector>

namespace liaison::bench {

/// One measurement: a name, what was varied, and figures with their unit in the key
/// ("letters_per_s", "p99_ms", "broker_rss_mib").
struct Row {
  std::string scenario;
  std::string variant;
  std::vector<std::pair<std::string, double>> figures;
};

/// Prints rows as they come; at the end, all of them as JSON.
class Report {
 public:
  void add(Row row);
  /// {"machine": {...}, "rows": [{"scenario", "variant", figures...}]}. Throws if it cannot be
  /// written.
  void write_json(const std::string& path) const;

 private:
  std::vector<Row> rows_;
};

}  // namespace liaison::bench
