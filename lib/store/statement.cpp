#include "store/statement.h"

#include <sqlite3.h>

#include <utility>

#include "base/check.h"
#include "store/database.h"

namespace liaison::store {
namespace {

/// A query's rows are stepped through after its arguments, often temporaries, have gone: those are
/// copied. What only writes is run within the call that binds it, and its payloads are not.
sqlite3_destructor_type lifetime_for(sqlite3_stmt* statement) {
  return sqlite3_column_count(statement) > 0 ? SQLITE_TRANSIENT : SQLITE_STATIC;
}

}  // namespace

Statement::Statement(Database* database, sqlite3_stmt* handle)
    : database_(database),
      handle_(handle),
      parameters_(static_cast<std::size_t>(sqlite3_bind_parameter_count(handle))) {}

Statement::Statement(Statement&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)),
      handle_(std::exchange(other.handle_, nullptr)),
      parameters_(std::exchange(other.parameters_, 0)) {
  LIAISON_CHECK(!other.running_);
}

Statement& Statement::operator=(Statement&& other) noexcept {
  LIAISON_CHECK(!running_ && !other.running_);
  std::swap(database_, other.database_);
  std::swap(handle_, other.handle_);
  std::swap(parameters_, other.parameters_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::begin(std::size_t arguments) {
  // Every parameter is bound anew each time, so what an earlier run pointed to is never read.
  LIAISON_CHECK(handle_ != nullptr && !running_ && arguments == parameters_);
  database_->require_usable();
}

// Binding fails for an index out of range or a value over SQLite's limit of 1 GB: bugs both.

void Statement::bind(int index, std::int64_t value) {
  LIAISON_CHECK(sqlite3_bind_int64(handle_, index, value) == SQLITE_OK);
}

void Statement::bind(int index, ByteView value) {
  // A null pointer would bind NULL; no octets is a value of its own.
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
  LIAISON_CHECK(sqlite3_bind_blob64(handle_, index, data, value.size(), lifetime_for(handle_)) ==
                SQLITE_OK);
}

void Statement::bind(int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  LIAISON_CHECK(sqlite3_bind_text64(handle_, index, data, value.size(), lifetime_for(handle_),
                                    SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bind(int index, std::nullptr_t) {
  LIAISON_CHECK(sqlite3_bind_null(handle_, index) == SQLITE_OK);
}

bool Statement::step() {
  int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) {
    running_ = true;
    return true;
  }
  if (code == SQLITE_DONE) return false;
  running_ = false;
  sqlite3_reset(handle_);
  database_->broken(code, "using");
}

void Statement::reset() {
  running_ = false;
  if (handle_ != nullptr) sqlite3_reset(handle_);
}

std::int64_t Statement::finish() {
  while (step()) {
  }
  reset();
  return sqlite3_changes64(database_->handle_);
}

Rows::~Rows() {
  if (statement_ != nullptr) statement_->reset();
}

bool Rows::next() {
  statement_->database_->require_usable();
  return statement_->step();
}

std::int64_t Rows::int64(int column) const {
  return sqlite3_column_int64(statement_->handle_, column);
}

std::uint64_t Rows::uint64(int column) const {
  return static_cast<std::uint64_t>(int64(column));
}

ByteView Rows::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_->handle_, column);
  int size = sqlite3_column_bytes(statement_->handle_, column);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::string_view Rows::text(int column) const {
  const auto* data = sqlite3_column_text(statement_->handle_, column);
  int size = sqlite3_column_bytes(statement_->handle_, column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(statement_->handle_, column) == SQLITE_NULL;
}

void Rows::wrong_length(int column) const {
  const char* name = sqlite3_column_name(statement_->handle_, column);
  throw Failure(Failure::Kind::corrupt,
                statement_->database_->path() + " is damaged: a value of '" +
                    (name == nullptr ? "?" : name) + "' has the wrong length; restore a backup");
}

}  // namespace liaison::store
