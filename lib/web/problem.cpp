#include "web/problem.h"

#include <nlohmann/json.hpp>

namespace liaison::web {
namespace {

std::string title_of(Reason reason) {
  switch (reason) {
    case Reason::malformed:
      return "The request is not of its form";
    case Reason::too_large:
      return "Over a limit";
    case Reason::unsupported:
      return "Not supported";
    case Reason::untrusted:
      return "Not trusted";
    case Reason::forbidden:
      return "Not allowed";
    case Reason::expired:
      return "Expired";
    case Reason::not_found:
      return "Not found";
    case Reason::conflict:
      return "Not possible as things stand";
    case Reason::busy:
      return "Busy";
    case Reason::unavailable:
      return "Not available now";
  }
  return "Refused";
}

Reason reason_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return Reason::forbidden;
    case 404:
      return Reason::not_found;
    case 409:
    case 412:
      return Reason::conflict;
    case 413:
      return Reason::too_large;
    case 429:
    case 503:
      return Reason::busy;
    default:
      return Reason::malformed;
  }
}

}  // namespace

Response problem(int status, std::string_view kind, std::string_view title,
                 std::string_view detail) {
  const nlohmann::json document = {{"type", "/problems/" + std::string(kind)},
                                   {"title", title},
                                   {"status", status},
                                   {"detail", detail}};
  Response out;
  out.status = status;
  out.content_type = "application/problem+json";
  out.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return out;
}

int status_of(Reason reason) {
  switch (reason) {
    case Reason::malformed:
      return 400;
    case Reason::too_large:
      return 413;
    case Reason::unsupported:
      return 422;
    case Reason::untrusted:
      return 422;
    case Reason::forbidden:
      return 403;
    case Reason::expired:
      return 410;
    case Reason::not_found:
      return 404;
    case Reason::conflict:
      return 409;
    case Reason::busy:
      return 429;
    case Reason::unavailable:
      return 503;
  }
  return 500;
}

Response problem(const Error& error) {
  std::string kind = liaison::name_of(error.reason);
  for (auto& c : kind) {
    if (c == '_' || c == ' ') c = '-';
  }
  return problem(status_of(error.reason), kind, title_of(error.reason), error.text);
}

Error error_of(int status, std::string_view body) {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  if (document.is_object()) {
    const auto detail = document.find("detail");
    if (detail != document.end() && detail->is_string()) {
      return {reason_of(status), detail->get<std::string>()};
    }
  }
  return {reason_of(status), "the desk answered with HTTP status " + std::to_string(status)};
}

}  // namespace liaison::web
