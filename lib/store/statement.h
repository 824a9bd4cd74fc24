#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"

struct sqlite3_stmt;

namespace liaison::store {

class Database;
class Statement;

/// The rows of a query under way: `for (auto rows = find.query(id); rows.next();)
/// use(rows.blob(0));` Columns count from 0. Views hold until the next next() or the end of the
/// Rows. One Rows of a Statement at a time; ends the query when it goes.
class Rows {
 public:
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  Rows(Rows&& other) noexcept : statement_(other.statement_) { other.statement_ = nullptr; }
  ~Rows();

  /// Moves to the next row; false at the end. Throws Failure.
  bool next();
  [[nodiscard]] std::int64_t int64(int column) const;
  [[nodiscard]] std::uint64_t uint64(int column) const;
  [[nodiscard]] bool boolean(int column) const { return int64(column) != 0; }
  [[nodiscard]] Instant instant(int column) const { return from_ms(int64(column)); }
  [[nodiscard]] ByteView blob(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// An id or digest of fixed size; Failure::corrupt if the column has another length.
  template <class T>
  [[nodiscard]] T id(int column) const {
    auto value = T::from(blob(column));
    if (!value) wrong_length(column);
    return *value;
  }

 private:
  friend class Statement;
  explicit Rows(Statement* statement) : statement_(statement) {}
  [[noreturn]] void wrong_length(int column) const;

  Statement* statement_;
};

/// One prepared statement, made by Database::prepare and kept for as long as it is used often.
/// Must go before its Database. Arguments are bound without a copy: what a ByteView or a
/// string_view points to must live until run() returns, or until the Rows end.
class Statement {
 public:
  Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Binds all parameters in order and runs to the end; rows, if any, are dropped. The number of
  /// rows changed. Throws Failure.
  template <class... Args>
  std::int64_t run(const Args&... args) {
    begin(sizeof...(args));
    bind_all(args...);
    return finish();
  }

  /// Binds all parameters in order; the rows come with Rows::next().
  template <class... Args>
  [[nodiscard]] Rows query(const Args&... args) {
    begin(sizeof...(args));
    bind_all(args...);
    return Rows(this);
  }

  // For statements with a number of parameters known at run time only (many rows in one INSERT):
  // begin_many(); bind(1, ...) ... bind(n, ...); finish().
  void begin_many() { begin(parameters_); }
  [[nodiscard]] int parameters() const { return static_cast<int>(parameters_); }
  /// Parameters count from 1.
  void bind(int index, std::int64_t value);
  void bind(int index, ByteView value);
  void bind(int index, std::string_view value);
  void bind(int index, std::nullptr_t);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind(int index, const Bytes& value) { bind(index, ByteView(value)); }
  void bind(int index, Instant value) { bind(index, to_ms(value)); }
  void bind(int index, const NodeId& value) { bind(index, std::string_view(value.text())); }
  template <class Tag, std::size_t N>
  void bind(int index, const Fixed<Tag, N>& value) {
    bind(index, value.view());
  }
  /// Unsigned values are stored as the same 64 bits; Rows::uint64 gives them back.
  template <class T>
  requires(std::integral<T> && !std::same_as<T, std::int64_t>) void bind(int index, T value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }
  /// Runs what begin_many() and bind() prepared; the number of rows changed.
  std::int64_t finish();

 private:
  friend class Database;
  friend class Rows;
  Statement(Database* database, sqlite3_stmt* handle);
  void begin(std::size_t arguments);
  bool step();
  void reset();
  template <class... Args>
  void bind_all(const Args&... args) {
    int index = 0;
    (bind(++index, args), ...);
  }

  Database* database_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
  std::size_t parameters_ = 0;
  bool running_ = false;
};

}  // namespace liaison::store
