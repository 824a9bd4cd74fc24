#include "web/http.h"

#include <algorithm>

#include "base/check.h"

namespace liaison::web {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const Header& header) {
    return equal_ignoring_case(header.first, name);
  });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

}  // namespace

const char* name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
  }
  return "";
}

std::optional<Method> parse_method(std::string_view text) {
  if (text == "HEAD") return Method::get;
  for (const auto method : {Method::get, Method::post, Method::put, Method::patch, Method::del}) {
    if (text == name_of(method)) return method;
  }
  return std::nullopt;
}

bool is_unsafe(Method method) {
  return method != Method::get;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Request::header(std::string_view name) const {
  return find_header(headers, name);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

const std::string& Request::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  LIAISON_CHECK(found != parameters.end());
  return found->second;
}

Response& Response::with_etag(std::string_view version) {
  return with_header("ETag", "\"" + std::string(version) + "\"");
}

Response& Response::with_header(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

std::string_view Response::header(std::string_view name) const {
  return find_header(headers, name);
}

bool if_match_allows(const Request& request, std::string_view version) {
  std::string_view rest = request.header("If-Match");
  if (rest.empty()) return true;
  const std::string wanted = "\"" + std::string(version) + "\"";
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    auto tag = rest.substr(0, comma);
    while (!tag.empty() && tag.front() == ' ')
      tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ')
      tag.remove_suffix(1);
    if (tag == "*" || tag == wanted) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

}  // namespace liaison::web
