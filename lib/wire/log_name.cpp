#include "wire/log_name.h"

namespace liaison::wire {
namespace {
constexpr std::size_t digits = 16;
}

const char* name_of(LogName name) {
  return name == LogName::registry ? "registry" : "message";
}

std::string origin_of(LogName name, const Fingerprint& authority, std::uint64_t epoch) {
  return "liaison/" + authority.text().substr(0, digits) + '/' + name_of(name) + '/' +
         std::to_string(epoch);
}

std::string witness_name_of(const NodeId& node, const Fingerprint& authority) {
  return "liaison/" + authority.text().substr(0, digits) + "/witness/" + node.text();
}

}  // namespace liaison::wire
