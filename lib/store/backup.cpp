#include "store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"
#include "store/files.h"

namespace liaison::store {

Backup::Backup(Database& database, std::string path)
    : database_(database),
      path_(std::move(path)),
      // On a test's VFS there is no rename: the copy is made where it is to be.
      partial_(database.system_files_ ? path_ + ".partial" : path_) {
  LIAISON_CHECK(!database_.in_transaction_);
  database_.require_usable();
  if (database_.system_files_) {
    if (::access(path_.c_str(), F_OK) == 0) {
      throw Failure(Failure::Kind::io,
                    path_ + " exists already; nothing was written: name another file");
    }
    ::unlink(partial_.c_str());
    make_private_file(partial_);
    descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CLOEXEC);
  }
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(partial_.c_str(), &to_, flags, database_.vfs_.c_str());
  if (code != SQLITE_OK) failed(code);
  sqlite3_exec(to_, "PRAGMA journal_mode=OFF", nullptr, nullptr, nullptr);
  copy_ = sqlite3_backup_init(to_, "main", database_.handle_, "main");
  if (copy_ == nullptr) failed(sqlite3_extended_errcode(to_));
}

Backup::~Backup() {
  if (to_ != nullptr) give_up();
}

void Backup::give_up() {
  sqlite3_backup_finish(copy_);
  sqlite3_close(to_);
  to_ = nullptr;
  if (database_.system_files_) {
    ::close(descriptor_);
    ::unlink(partial_.c_str());
  }
}

Backup::Step Backup::copy(int pages) {
  LIAISON_CHECK(to_ != nullptr && !database_.in_transaction_);
  const int code = sqlite3_backup_step(copy_, pages);
  if (code == SQLITE_OK) {
    // Has the disk begin with what was copied, so that the sync at the end finds little to do.
    if (descriptor_ >= 0) ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
    return Step::more;
  }
  const int finished = sqlite3_backup_finish(std::exchange(copy_, nullptr));
  if (code != SQLITE_DONE) {
    // finish() reports errors of the destination there; the source's stay with the source.
    const bool from_failed =
        sqlite3_errcode(to_) == SQLITE_OK || code == SQLITE_CORRUPT || code == SQLITE_IOERR_READ;
    if (!from_failed) failed(code);
    give_up();
    database_.broken(code, "copying");
  }
  if (finished != SQLITE_OK) failed(finished);
  const int closed = sqlite3_close(to_);
  if (closed != SQLITE_OK) failed(closed);
  to_ = nullptr;
  if (database_.system_files_) {
    ::close(descriptor_);
    put_in_place(partial_, path_);
  }
  return Step::done;
}

void Backup::failed(int code) {
  give_up();
  auto kind = (code & 0xff) == SQLITE_FULL ? Failure::Kind::disk_full : Failure::Kind::io;
  throw Failure(kind, "cannot write the backup " + path_ + ": " + sqlite3_errstr(code) +
                          "; the store itself is unharmed");
}

void Database::backup_to(const std::string& path) {
  constexpr int all_pages = -1;
  Backup(*this, path).copy(all_pages);
}

}  // namespace liaison::store
