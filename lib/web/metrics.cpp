#include "web/metrics.h"

#include <fmt/format.h>

namespace liaison::web {

MetricsText& MetricsText::counter(std::string_view name, std::string_view help, double value) {
  add("counter", name, help, value);
  return *this;
}

MetricsText& MetricsText::gauge(std::string_view name, std::string_view help, double value) {
  add("gauge", name, help, value);
  return *this;
}

void MetricsText::add(std::string_view kind, std::string_view name, std::string_view help,
                      double value) {
  text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, kind, value);
}

}  // namespace liaison::web
