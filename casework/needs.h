#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace liaison::casework {

/// One need of the controlled list (docs/CASEWORK.md).
struct Need {
  std::string_view name;   ///< "low mood or anxiety"
  std::string_view group;  ///< "Health"
  bool guarded;  ///< never printed, digested or sent unless the service's intake asks for it
};

std::span<const Need> needs();
/// By name, any case, with spaces, hyphens or underscores.
const Need* find_need(std::string_view name);

}  // namespace liaison::casework
