#pragma once

#include <toml++/toml.h>
#include <functional>
#include <string>
#include <vector>

#include "broker/program/settings.h"

namespace liaison::broker {

/// One setting: where it stands, what it means, how it is read and shown.
struct Setting {
  const char* table;
  const char* key;
  const char* meaning;
  std::function<std::string(const Settings&)> show;
  std::function<Result<void>(Settings&, const toml::node&)> read;
};

/// Every setting there is, in the order in which the file shows them.
std::vector<Setting> all_settings();

}  // namespace liaison::broker
