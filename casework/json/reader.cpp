#include "casework/json/reader.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/bytes.h"
#include "base/text.h"
#include "base/time.h"
#include "casework/codes.h"
#include "casework/text.h"

namespace liaison::casework {
namespace {

constexpr int depth_max = 24;

/// Whether brackets nest deeper than `depth_max`; looked at before anything is built.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > depth_max) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

std::string shown(std::string_view text) {
  return "\"" + shorten(shown_safely(text)) + "\"";
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t size_max, const char* what) {
  if (text.size() > size_max) {
    return fail(Reason::too_large,
                std::string(what) + ": is over " + std::to_string(size_max / 1024) + " KiB");
  }
  if (is_too_deep(text))
    return fail(Reason::malformed, std::string(what) + ": is nested too deeply");
  if (!is_utf8(text)) return fail(Reason::malformed, std::string(what) + ": is not UTF-8");
  std::string repeated;
  std::vector<std::set<std::string>> names;
  Json json = Json::parse(
      text,
      [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) names.emplace_back();
        if (event == Json::parse_event_t::object_end) names.pop_back();
        if (event == Json::parse_event_t::key &&
            !names.back().insert(parsed.get_ref<const std::string&>()).second && repeated.empty())
          repeated = parsed.get_ref<const std::string&>();
        return true;
      },
      false);
  if (json.is_discarded())
    return fail(Reason::malformed,
                std::string(what) + ": is not JSON; check commas, quotes and brackets");
  if (!repeated.empty())
    return fail(Reason::malformed,
                shorten(shown_safely(repeated)) + ": is given twice; keep the one that holds");
  return json;
}

std::string slug(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool letter =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if (letter) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_')
    out.pop_back();
  return out;
}

Reader::Reader(const Json& object, std::string path, std::optional<Error>& error)
    : object_(object), path_(std::move(path)), error_(error) {
  if (object_.is_object()) return;
  complain(
      Error{Reason::malformed, (path_.empty() ? "the file" : path_.substr(0, path_.size() - 1)) +
                                   ": must be an object, { ... }"});
}

void Reader::complain(Error error) {
  if (!error_) error_ = std::move(error);
}
void Reader::complain(const char* name, const std::string& what) {
  complain(Error{Reason::malformed, path_of(name) + ": " + what});
}

void Reader::only(std::initializer_list<std::string_view> known,
                  std::initializer_list<std::string_view> ignored) {
  if (!object_.is_object()) return;
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::count(known, name) != 0 || std::ranges::count(ignored, name) != 0) continue;
    auto near = nearest(name, {known.begin(), known.size()});
    std::string remedy;
    if (!near.empty()) {
      remedy = "did you mean " + std::string(near) + "?";
    } else {
      for (std::string_view one : known)
        remedy += (remedy.empty() ? "the fields are " : ", ") + std::string(one);
    }
    return complain(shorten(name).c_str(), "is not a known field; " + remedy);
  }
}

void Reader::no_slips(std::initializer_list<std::string_view> known) {
  if (!object_.is_object()) return;
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::count(known, name) != 0) continue;
    auto near = nearest(name, {known.begin(), known.size()});
    if (!near.empty())
      return complain(shorten(name).c_str(),
                      "is not a known field; did you mean " + std::string(near) + "?");
  }
}

const Json* Reader::find(const char* name) const {
  if (!object_.is_object()) return nullptr;
  auto at = object_.find(name);
  return at == object_.end() || at->is_null() ? nullptr : &*at;
}

bool Reader::take_text(const Json& value, const std::string& name, std::string& out,
                       std::size_t size_max) {
  if (!value.is_string()) {
    complain(Error{Reason::malformed, path_ + name + ": must be text"});
    return false;
  }
  const auto& given = value.get_ref<const std::string&>();
  if (given.size() > size_max) {
    complain(Error{Reason::too_large, path_ + name + ": has " + std::to_string(given.size()) +
                                          " octets; at most " + std::to_string(size_max) +
                                          " are taken"});
    return false;
  }
  const auto lines = size_max <= wire::events::line_max ? Lines::one : Lines::many;
  // Blanks around what was typed or pasted mean nothing.
  auto from = given.find_first_not_of(" \t\r\n");
  auto to = given.find_last_not_of(" \t\r\n");
  out = from == std::string::npos ? std::string() : given.substr(from, to - from + 1);
  if (const auto unfit = unfit_character(out, lines); !unfit.empty()) {
    complain(Error{Reason::malformed, path_ + name + ": holds a character that is not text (" +
                                          unfit + "); it takes " +
                                          (lines == Lines::one ? "one line of text" : "text")});
    return false;
  }
  return true;
}

void Reader::text(const char* name, std::string& out, std::size_t size_max) {
  if (const Json* value = find(name)) static_cast<void>(take_text(*value, name, out, size_max));
}

void Reader::texts(const char* name, std::vector<std::string>& out, std::size_t count_max,
                   std::size_t size_max) {
  const Json* value = find(name);
  if (value == nullptr) return;
  out.clear();
  if (value->is_string()) {
    std::string one;
    if (take_text(*value, name, one, size_max) && !one.empty()) out.push_back(std::move(one));
    return;
  }
  const Json* entries = list(name, count_max);
  if (entries == nullptr) return;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    std::string one;
    if (!take_text((*entries)[i], std::string(name) + "[" + std::to_string(i) + "]", one, size_max))
      return;
    if (!one.empty()) out.push_back(std::move(one));
  }
}

const Json* Reader::list(const char* name, std::size_t count_max) {
  const Json* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    complain(name, "must be a list, [ ... ]");
    return nullptr;
  }
  if (value->size() > count_max) {
    complain(Error{Reason::too_large, path_of(name) + ": has " + std::to_string(value->size()) +
                                          " entries; at most " + std::to_string(count_max) +
                                          " are taken"});
    return nullptr;
  }
  return value;
}

void Reader::flag(const char* name, bool& out) {
  const Json* value = find(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) return complain(name, "must be true or false");
  out = value->get<bool>();
}

void Reader::date(const char* name, std::optional<wire::Date>& out) {
  std::string given;
  text(name, given);
  if (!good() || given.empty()) return;
  auto value = parse_date(given);
  if (!value) return complain(name, shown(given) + " is not a date; write it as 2026-05-06");
  out = *value;
}

void Reader::time(const char* name, Instant& out) {
  std::string given;
  text(name, given);
  if (!good() || given.empty()) return;
  auto value = parse_rfc3339(given);
  if (!value)
    return complain(name, shown(given) + " is not a time; write it as 2026-05-06T10:00:00+01:00");
  out = *value;
}

void Reader::number(const char* name, std::optional<double>& out) {
  const Json* value = find(name);
  if (value == nullptr) return;
  if (!value->is_number()) return complain(name, "must be a number");
  double given = value->get<double>();
  if (!std::isfinite(given)) return complain(name, "must be a number");
  out = given;
}

void Reader::whole(const char* name, std::optional<int>& out, int least, int most) {
  std::optional<double> given;
  number(name, given);
  if (!good() || !given) return;
  if (*given != std::floor(*given) || *given < least || *given > most) {
    return complain(name, "must be a whole number from " + std::to_string(least) + " to " +
                              std::to_string(most));
  }
  out = static_cast<int>(*given);
}

}  // namespace liaison::casework
