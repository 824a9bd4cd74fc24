#pragma once

// Private to json/: reads objects field by field and keeps the first thing that is wrong, named by
// its path and with the remedy.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/events/common.h"
#include "wire/events/limits.h"

namespace liaison::casework {

using Json = nlohmann::json;

/// Parses JSON text within a size and a depth that no honest file needs; a name that stands twice
/// in one object is refused, because readers differ in which of the two they take. `what` names it
/// in errors.
Result<Json> parse_json(std::string_view text, std::size_t size_max, const char* what);

/// "GP's name" as a key: "gp_s_name".
std::string slug(std::string_view text);

class Reader {
 public:
  /// Reads `object`, which must be one; `path` is put before the names of its fields in errors.
  Reader(const Json& object, std::string path, std::optional<Error>& error);

  /// Refuses fields that are in neither list, naming the nearest of `known`.
  void only(std::initializer_list<std::string_view> known,
            std::initializer_list<std::string_view> ignored = {});
  /// Refuses only what looks like a slip of one of `known`: others may add fields of their own.
  void no_slips(std::initializer_list<std::string_view> known);

  /// Up to line_max: one line; beyond, lines. No other control character, and none that turns the
  /// direction of writing.
  void text(const char* name, std::string& out, std::size_t size_max = wire::events::line_max);
  void texts(const char* name, std::vector<std::string>& out,
             std::size_t count_max = wire::events::list_max,
             std::size_t size_max = wire::events::line_max);
  void flag(const char* name, bool& out);
  void date(const char* name, std::optional<wire::Date>& out);
  void time(const char* name, Instant& out);
  void number(const char* name, std::optional<double>& out);
  void whole(const char* name, std::optional<int>& out, int least, int most);
  /// The member, if it is there and not null.
  [[nodiscard]] const Json* find(const char* name) const;
  [[nodiscard]] const Json* list(const char* name, std::size_t count_max);
  [[nodiscard]] std::string path_of(const char* name) const { return path_ + name; }

  void complain(const char* name, const std::string& what);
  void complain(Error error);
  [[nodiscard]] bool good() const { return !error_; }
  [[nodiscard]] std::optional<Error>& error() { return error_; }

  /// `field`, for enumerations: parse<T>() with the field's own name in the error.
  template <class T>
  void code(const char* name, T& out, Result<T> (*parse)(std::string_view)) {
    std::string text_value;
    text(name, text_value);
    if (!good() || text_value.empty()) return;
    auto value = parse(text_value);
    if (value) {
      out = *value;
    } else {
      auto words = value.error().text.find(": ");
      complain(name, words == std::string::npos ? value.error().text
                                                : value.error().text.substr(words + 2));
    }
  }

 private:
  [[nodiscard]] bool take_text(const Json& value, const std::string& name, std::string& out,
                               std::size_t size_max);

  const Json& object_;
  std::string path_;
  std::optional<Error>& error_;
};

}  // namespace liaison::casework
