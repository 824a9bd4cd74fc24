#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "broker/shell/parts.h"

/// What the administrator's commands have in common; inside broker/shell only.
namespace liaison::broker {

using Json = nlohmann::json;

/// The members of a request, checked for kind as they are asked for.
class Asked {
 public:
  explicit Asked(const Json& value) : value_(value) {}
  [[nodiscard]] Result<std::string> text(const char* name) const;
  /// A line that people read in logs and listings for ever: something in it, no control character,
  /// at most `longest` octets. `called` is what an error calls it.
  [[nodiscard]] Result<std::string> sentence(const char* name, const char* called,
                                             std::size_t longest) const;
  [[nodiscard]] std::string text_or(const char* name, std::string otherwise) const;
  [[nodiscard]] Result<NodeId> node() const;
  [[nodiscard]] bool has(const char* name) const {
    return value_.contains(name) && !value_[name].is_null();
  }
  [[nodiscard]] const Json& at(const char* name) const { return value_[name]; }
  [[nodiscard]] std::string administrator() const { return text_or("administrator", "root"); }
  [[nodiscard]] std::uint64_t number_or(const char* name, std::uint64_t otherwise) const;

 private:
  const Json& value_;
};

struct AdminCommand {
  const char* name;
  std::set<std::string> members;  ///< that a request may have
  Result<Json> (*run)(Engine::Parts&, const Asked&, Now);
};

// The families, a file each.
std::vector<AdminCommand> member_commands();     ///< admin_members.cpp
std::vector<AdminCommand> user_commands();       ///< admin_users.cpp
std::vector<AdminCommand> traffic_commands();    ///< admin_traffic.cpp
std::vector<AdminCommand> authority_commands();  ///< admin_authority.cpp
std::vector<AdminCommand> log_commands();        ///< admin_logs.cpp
std::vector<AdminCommand> status_commands();     ///< admin_status.cpp

/// The node that a request names, if it names one; not_found if there is none of that name.
Result<std::optional<NodeId>> node_if_named(Engine::Parts& parts, const Asked& asked);

}  // namespace liaison::broker
