#include "store/background_check.h"

#include <chrono>
#include <string_view>

#include "base/check.h"

namespace liaison::store {
namespace {

std::string as_uri(std::string_view path) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "file:";
  for (char c : path) {
    if (c == '?' || c == '#' || c == '%') {
      auto octet = static_cast<unsigned char>(c);
      out += '%';
      out += digits[octet >> 4];
      out += digits[octet & 15];
    } else {
      out += c;
    }
  }
  return out + "?immutable=1";
}

}  // namespace

Database::BackgroundCheck::BackgroundCheck(const std::string& path, const std::string& vfs,
                                           std::uint64_t wal_bytes_limit)
    : wal_bytes_max(wal_bytes_limit) {
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX;
  int code = sqlite3_open_v2(as_uri(path).c_str(), &handle_, flags, vfs.c_str());
  if (code != SQLITE_OK) {
    sqlite3_close(handle_);
    throw Failure(Failure::Kind::io,
                  "cannot open " + path + " to check it: " + sqlite3_errstr(code));
  }
  thread_ = std::thread([this] { run(); });
}

Database::BackgroundCheck::~BackgroundCheck() {
  // An interrupt reaches only a statement that has begun, so one is not enough.
  while (state.load() == Check::running) {
    sqlite3_interrupt(handle_);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  thread_.join();
  sqlite3_close(handle_);
}

void Database::BackgroundCheck::run() {
  sqlite3_stmt* statement = nullptr;
  Check outcome = Check::damaged;
  int code = sqlite3_prepare_v2(handle_, "PRAGMA quick_check(1)", -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    finding = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (finding == "ok") outcome = Check::sound;
    // An interrupted check may still give a row; what it found by then says nothing.
    if (sqlite3_step(statement) == SQLITE_INTERRUPT) outcome = Check::abandoned;
  } else {
    finding = sqlite3_errstr(code);
    if (code == SQLITE_INTERRUPT) outcome = Check::abandoned;
  }
  sqlite3_finalize(statement);
  state.store(outcome);
}

void Database::begin_background_check(std::uint64_t wal_bytes_max) {
  LIAISON_CHECK(!in_transaction_);
  stop_background_check();
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  check_ = std::make_unique<BackgroundCheck>(path_, vfs_, wal_bytes_max);
  check_state_ = Check::running;
}

Database::Check Database::background_check() {
  if (check_ != nullptr) {
    check_state_ = check_->state.load();
    if (check_state_ != Check::running) {
      check_finding_ = check_->finding;
      check_.reset();
    }
  }
  return check_state_;
}

void Database::stop_background_check() noexcept {
  if (check_ == nullptr) return;
  if (check_->state.load() == Check::running) {
    check_.reset();
    check_state_ = Check::abandoned;
    check_finding_ = "abandoned";
  } else {
    check_state_ = background_check();
  }
}

}  // namespace liaison::store
