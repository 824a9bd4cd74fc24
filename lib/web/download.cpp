#include "web/download.h"

#include "web/client.h"

namespace liaison::web {

std::string attachment_disposition(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
    plain += safe ? c : '_';
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encode_component(name);
}

}  // namespace liaison::web
