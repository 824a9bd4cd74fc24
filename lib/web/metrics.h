#pragma once

#include <string>
#include <string_view>

namespace liaison::web {

/// Prometheus text exposition (version 0.0.4). Names and labels are ours; a label's value is an id
/// or a reason, never a client's detail.
class MetricsText {
 public:
  MetricsText& counter(std::string_view name, std::string_view help, double value);
  MetricsText& gauge(std::string_view name, std::string_view help, double value);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(std::string_view kind, std::string_view name, std::string_view help, double value);
  std::string text_;
};

}  // namespace liaison::web
