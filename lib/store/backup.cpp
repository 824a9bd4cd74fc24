#include <sqlite3.h>
#include <unistd.h>

#include "base/check.h"
#include "store/database.h"
#include "store/files.h"

namespace liaison::store {
namespace {

/// Copies all pages; an SQLite code. `from_failed`: it was the reading that went wrong.
int copy_all(sqlite3* from, sqlite3* to, bool& from_failed) {
  sqlite3_exec(to, "PRAGMA journal_mode=OFF", nullptr, nullptr, nullptr);
  sqlite3_backup* copy = sqlite3_backup_init(to, "main", from, "main");
  if (copy == nullptr) return sqlite3_extended_errcode(to);
  int code = sqlite3_backup_step(copy, -1);
  int finished = sqlite3_backup_finish(copy);
  if (code == SQLITE_DONE) return finished;
  // finish() reports errors of the destination there; the source's stay with the source.
  from_failed =
      sqlite3_errcode(to) == SQLITE_OK || code == SQLITE_CORRUPT || code == SQLITE_IOERR_READ;
  return code;
}

}  // namespace

void Database::backup_to(const std::string& path) {
  LIAISON_CHECK(!in_transaction_);
  require_usable();
  // On a test's VFS there is no rename: the copy is made where it is to be.
  std::string partial = system_files_ ? path + ".partial" : path;
  if (system_files_) {
    if (::access(path.c_str(), F_OK) == 0) {
      throw Failure(Failure::Kind::io,
                    path + " exists already; nothing was written: name another file");
    }
    ::unlink(partial.c_str());
    make_private_file(partial);
  }
  sqlite3* to = nullptr;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(partial.c_str(), &to, flags, vfs_.c_str());
  bool from_failed = false;
  if (code == SQLITE_OK) code = copy_all(handle_, to, from_failed);
  int closed = sqlite3_close(to);
  if (code == SQLITE_OK) code = closed;
  if (code != SQLITE_OK) {
    if (system_files_) ::unlink(partial.c_str());
    if (from_failed) broken(code, "copying");
    auto kind = (code & 0xff) == SQLITE_FULL ? Failure::Kind::disk_full : Failure::Kind::io;
    throw Failure(kind, "cannot write the backup " + path + ": " + sqlite3_errstr(code) +
                            "; the store itself is unharmed");
  }
  if (system_files_) put_in_place(partial, path);
}

}  // namespace liaison::store
