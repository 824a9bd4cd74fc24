#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "cli/settings.h"

using namespace liaison::cli;

/// A daemon's liaison.toml: whatever is in it, reading answers, and names what is wrong in one
/// line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Setting> schema = {
      {"listen", std::string("127.0.0.1:7681"), "Where."},
      {"streams_max", std::int64_t{64}, "How many.", 1, 1024},
      {"plain", false, "Whether."},
      {"broker.addresses", std::vector<std::string>{}, "Which."},
  };
  const auto read = Settings::read({reinterpret_cast<const char*>(data), size}, schema);
  if (read) {
    LIAISON_CHECK(read->number("streams_max") >= 1 && read->number("streams_max") <= 1024);
    LIAISON_CHECK(read->all().size() == schema.size());
    // What a file said can be written down and read again.
    std::map<std::string, SettingValue> chosen = {{"streams_max", read->number("streams_max")}};
    LIAISON_CHECK(Settings::read(document("again", schema, chosen), schema).has_value());
  } else {
    LIAISON_CHECK(!read.error().text.empty());
  }
  return 0;
}
