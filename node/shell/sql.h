#pragma once

#include <string_view>
#include <unordered_map>

#include "store/database.h"

namespace liaison::node {

/// Prepared statements by their text, which must be a literal: `sql.run("DELETE ...", id)`. Rows of
/// one text must end before the same text is used again.
class Sql {
 public:
  explicit Sql(store::Database& database) : database_(database) {}
  template <class... Args>
  std::int64_t run(const char* text, const Args&... args) {
    return statement(text).run(args...);
  }
  template <class... Args>
  store::Rows query(const char* text, const Args&... args) {
    return statement(text).query(args...);
  }
  [[nodiscard]] store::Database& database() { return database_; }

 private:
  store::Statement& statement(const char* text) {
    auto at = statements_.find(text);
    if (at == statements_.end()) at = statements_.emplace(text, database_.prepare(text)).first;
    return at->second;
  }
  store::Database& database_;
  std::unordered_map<const char*, store::Statement> statements_;
};

}  // namespace liaison::node
