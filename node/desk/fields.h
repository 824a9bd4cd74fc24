#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "casework/actor.h"
#include "wire/events/limits.h"

namespace liaison::node {

/// The fields of a request's JSON object, read strictly. Each call names a field that the request
/// may have; finish() refuses all others, naming the nearest known one. The first thing wrong is
/// the one reported, by the field's name.
class Fields {
 public:
  /// An empty body counts as an empty object.
  explicit Fields(std::string_view body);
  ~Fields();
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  /// Text of at most `bytes_max` octets, no control character but line ends in it, white space
  /// around it dropped; empty if absent or null.
  std::string text(const std::string& name, std::size_t bytes_max = 4096);
  /// As text(), of one line.
  std::string line(const std::string& name, std::size_t bytes_max = wire::events::line_max);
  /// As text(), and it must be there and not empty; `remedy` says what to do.
  std::string required_text(const std::string& name, const std::string& remedy,
                            std::size_t bytes_max = 4096);
  std::string required_line(const std::string& name, const std::string& remedy,
                            std::size_t bytes_max = wire::events::line_max);
  /// A password: UTF-8 of at most `bytes_max` octets, as it is, white space and all; it must be
  /// there and not empty; `remedy` says what to do.
  std::string secret(const std::string& name, const std::string& remedy, std::size_t bytes_max);
  std::vector<std::string> texts(const std::string& name, std::size_t count_max = 64);
  bool flag(const std::string& name, bool otherwise);
  std::optional<casework::Date> date(const std::string& name);
  std::optional<Instant> instant(const std::string& name);
  /// The value as JSON text, for a parser of casework's; empty if absent.
  std::string json(const std::string& name);
  /// Likewise; a JSON string gives its text, for a parser that takes plain text too.
  std::string json_or_text(const std::string& name);
  /// A list of objects, each as JSON text.
  std::vector<std::string> objects(const std::string& name, std::size_t count_max);

  /// Notes something wrong, if nothing was before.
  void refuse(Error error);
  /// What `parsed` is, or notes why it is nothing.
  template <class T>
  T take(Result<T> parsed) {
    if (parsed) return std::move(*parsed);
    refuse(parsed.error());
    return T{};
  }
  /// Whether all was as it should be.
  Result<void> finish();

 private:
  const nlohmann::json* find(const std::string& name);
  /// The text of a field, as it is; empty if absent, null or no text.
  std::string given(const std::string& name);
  /// `text`, or nothing if it is over `bytes_max` octets.
  std::string bounded(const std::string& name, std::string text, std::size_t bytes_max);
  /// `text`, which must not be empty.
  std::string required(const std::string& name, std::string text, const std::string& remedy);
  void note_unfit(const std::string& name, const std::string& text);
  std::unique_ptr<nlohmann::json> object_;
  std::set<std::string> known_;
  std::optional<Error> wrong_;
};

}  // namespace liaison::node
