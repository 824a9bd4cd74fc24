// The broker's liaison.toml: an operator writes it, and mistakes are named, not crashed on.
#include "base/check.h"
#include "broker/program/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto text = as_text(ByteView(data, size));
  const auto settings = broker::settings_from(text, "liaison.toml");
  if (settings)
    LIAISON_CHECK(broker::settings_from(broker::documented(*settings), "x").has_value());
  if (!settings) LIAISON_CHECK(!settings.error().text.empty());
  return 0;
}
