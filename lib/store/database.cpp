#include "store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/check.h"
#include "store/background_check.h"
#include "store/counting_vfs.h"
#include "store/files.h"

namespace liaison::store {
namespace {

using Kind = Failure::Kind;

// The octets of a page and a WAL frame's own header before each (SQLite's file format,
// section 4.1).
constexpr std::uint64_t wal_frame_header_bytes = 24;
constexpr std::uint64_t wal_header_bytes = 32;
// SQLite's own file system writes at most 0x1ffff octets at once, and takes what is longer modulo
// that: a whole MiB for nothing, on a disk that is full.
constexpr int wal_part_bytes = 1 << 16;

bool vfs_has(const std::string& vfs, const std::string& path) {
  sqlite3_vfs* found = sqlite3_vfs_find(vfs.c_str());
  LIAISON_CHECK(found != nullptr);
  int exists = 0;
  int code = found->xAccess(found, path.c_str(), SQLITE_ACCESS_EXISTS, &exists);
  return code == SQLITE_OK && exists != 0;
}

int note_wal_pages(void* out, sqlite3*, const char*, int pages) {
  *static_cast<std::uint64_t*>(out) = static_cast<std::uint64_t>(pages);
  return SQLITE_OK;
}

}  // namespace

Database::Database(const Options& options, const Schema& schema)
    : path_(options.path),
      name_(schema.name),
      vfs_(options.vfs.empty() ? counting_vfs() : options.vfs),
      system_files_(options.vfs.empty()),
      checkpoint_bytes_(options.checkpoint_bytes) {
  try {
    open_file(options);
    configure(options, schema);
    if (was_unclean_) {
      write_wal_again();
      checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    }
    migrate(schema);
  } catch (...) {
    unusable_ = true;
    close();
    throw;
  }
}

Database::~Database() {
  close();
}

void Database::open_file(const Options& options) {
  bool exists = vfs_has(vfs_, path_);
  if (!exists && !options.make_if_missing) {
    throw Failure(Kind::missing, path_ + ": " + name_ + " is not there");
  }
  was_unclean_ = exists && vfs_has(vfs_, path_ + "-wal");
  // SQLite takes an empty file for none: it is what is left where making the store was cut short.
  if (!exists && system_files_) {
    if (std::filesystem::exists(path_))
      std::filesystem::permissions(
          path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    else
      make_private_file(path_);
  }
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (!exists) flags |= SQLITE_OPEN_CREATE;
  int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, vfs_.c_str());
  if (code != SQLITE_OK) broken(code, "opening");
}

void Database::configure(const Options& options, const Schema& schema) {
  sqlite3_busy_timeout(handle_, 0);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Before the first read: then the WAL's index is in this process's memory and no second
  // connection, of ours or a tool's, can ever read or checkpoint beside it.
  execute("PRAGMA locking_mode=EXCLUSIVE");
  execute("PRAGMA mmap_size=0");
  recognise(schema);
  if (number_of("PRAGMA page_count") == 0) {
    execute("PRAGMA page_size=" + std::to_string(options.page_size_bytes));
  }
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=FULL");
  execute("PRAGMA foreign_keys=ON");
  execute("PRAGMA cell_size_check=ON");
  execute("PRAGMA temp_store=MEMORY");
  execute("PRAGMA wal_autocheckpoint=0");
  execute("PRAGMA journal_size_limit=" + std::to_string(options.checkpoint_bytes));
  execute("PRAGMA cache_size=-" + std::to_string(options.cache_bytes / 1024));
  execute(std::string("PRAGMA secure_delete=") +
          (options.secure_delete == SecureDelete::on ? "ON" : "OFF"));
  // SQLite's own automatic checkpoint goes unheard when it fails; ours does not.
  sqlite3_wal_hook(handle_, note_wal_pages, &wal_pages_);
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
  rollback_ = prepare("ROLLBACK");
  // Takes the file's lock for good, and shows that WAL is on.
  LIAISON_CHECK(number_of("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode='wal'") ==
                1);
  page_bytes_ = static_cast<std::uint64_t>(number_of("PRAGMA page_size"));
}

void Database::recognise(const Schema& schema) {
  auto application = static_cast<std::uint32_t>(number_of("PRAGMA application_id"));
  version_found_ = static_cast<std::uint32_t>(number_of("PRAGMA user_version"));
  if (application == schema.application_id) {
    if (version_found_ > schema.migrations.size()) {
      throw Failure(Kind::newer_version, path_ + " is " + name_ + " of version " +
                                             std::to_string(version_found_) +
                                             " and this program knows up to " +
                                             std::to_string(schema.migrations.size()) +
                                             "; nothing was changed: install the newer program");
    }
    return;
  }
  // A store whose making was cut short has nothing in it yet and is made again.
  bool empty = application == 0 && version_found_ == 0 &&
               number_of("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty) {
    throw Failure(Kind::foreign, path_ + " is not " + name_ + "; nothing was changed");
  }
}

void Database::write_wal_again() {
  // If an earlier process's last sync failed, what it wrote to the WAL may be in the kernel's cache
  // alone, where it counts as written: no later sync would bring it to the disk. A checkpoint from
  // such a WAL, cut short by a power failure, leaves the file with half of a change and nothing to
  // complete it from. The same octets written over themselves are dirty again, and then synced.
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (wal == nullptr || wal->pMethods == nullptr) return;
  sqlite3_int64 size = 0;
  int code = wal->pMethods->xFileSize(wal, &size);
  Bytes part(wal_part_bytes);
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += wal_part_bytes) {
    auto octets = static_cast<int>(std::min<sqlite3_int64>(wal_part_bytes, size - at));
    code = wal->pMethods->xRead(wal, part.data(), octets, at);
    if (code == SQLITE_OK) code = wal->pMethods->xWrite(wal, part.data(), octets, at);
  }
  if (code == SQLITE_OK && size > 0) code = wal->pMethods->xSync(wal, SQLITE_SYNC_FULL);
  if (code != SQLITE_OK) broken(code, "making sure of the write-ahead log of");
}

void Database::migrate(const Schema& schema) {
  for (auto version = version_found_; version < schema.migrations.size(); ++version) {
    Transaction change(*this);
    execute(std::string(schema.migrations[version]));
    execute("PRAGMA application_id=" + std::to_string(schema.application_id));
    execute("PRAGMA user_version=" + std::to_string(version + 1));
    change.commit();
  }
}

void Database::close() noexcept {
  stop_background_check();
  begin_ = Statement();
  commit_ = Statement();
  rollback_ = Statement();
  if (handle_ == nullptr) return;
  // After a failed write nothing may be copied from a WAL that perhaps is not what was written;
  // the next opening reads it from the disk and judges each frame by its checksum.
  if (unusable_) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  LIAISON_CHECK(sqlite3_close(handle_) == SQLITE_OK);  // else a Statement outlives its Database
  handle_ = nullptr;
}

Statement Database::prepare(std::string_view sql) {
  require_usable();
  sqlite3_stmt* handle = nullptr;
  int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) broken(code, "preparing a statement for");
  LIAISON_CHECK(handle != nullptr);
  return {this, handle};
}

void Database::execute(const std::string& sql) {
  require_usable();
  int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) broken(code, "using");
}

std::int64_t Database::number_of(const std::string& sql) {
  auto statement = prepare(sql);
  auto rows = statement.query();
  return rows.next() ? rows.int64(0) : 0;
}

std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_);
}

std::uint64_t Database::syncs() const {
  std::uint64_t count = 0;
  sqlite3_file_control(handle_, "main", sync_count_control, &count);
  return count;
}

std::uint64_t Database::wal_bytes() const {
  return wal_pages_ == 0 ? 0
                         : wal_header_bytes + wal_pages_ * (page_bytes_ + wal_frame_header_bytes);
}

std::uint64_t Database::file_bytes() const {
  sqlite3_file* file = nullptr;
  sqlite3_int64 bytes = 0;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file != nullptr && file->pMethods != nullptr) file->pMethods->xFileSize(file, &bytes);
  return static_cast<std::uint64_t>(bytes);
}

void Database::begin() {
  LIAISON_CHECK(!in_transaction_);
  begin_.run();
  in_transaction_ = true;
}

void Database::commit() {
  LIAISON_CHECK(in_transaction_);
  commit_.run();
  in_transaction_ = false;
  ++commits_;
  checkpoint_if_due();
}

void Database::rollback() noexcept {
  in_transaction_ = false;
  if (unusable_) return;  // closing undoes it
  try {
    rollback_.run();
  } catch (const Failure&) {
    // broken() has marked the object; the next use says so.
  }
}

void Database::checkpoint_if_due() {
  if (check_ != nullptr) {
    // The file must stay as the check reads it, until it ends or the WAL has grown enough.
    if (background_check() == Check::running) {
      if (wal_bytes() < check_->wal_bytes_max) return;
      stop_background_check();
    }
  }
  if (wal_bytes() >= checkpoint_bytes_) checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

void Database::checkpoint(int mode) {
  require_usable();
  int code = sqlite3_wal_checkpoint_v2(handle_, "main", mode, nullptr, nullptr);
  if (code != SQLITE_OK) broken(code, "copying the write-ahead log of");
  if (mode == SQLITE_CHECKPOINT_TRUNCATE) wal_pages_ = 0;
}

void Database::checkpoint_truncate() {
  LIAISON_CHECK(!in_transaction_);
  stop_background_check();
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

CheckOutcome Database::quick_check() {
  auto statement = prepare("PRAGMA quick_check(1)");
  auto rows = statement.query();
  std::string text(rows.next() ? rows.text(0) : "no answer");
  return {text == "ok", text};
}

void Database::require_usable() const {
  if (unusable_) {
    throw Failure(Kind::unusable,
                  name_ + " at " + path_ + " failed earlier and is not used any more");
  }
}

Failure Database::failure(int code, std::string_view doing) const {
  std::string what = std::string(doing) + " " + name_ + " at " + path_;
  int system_error = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
  int primary = code & 0xff;
  if (primary == SQLITE_FULL || (primary == SQLITE_IOERR && system_error == ENOSPC)) {
    return {Kind::disk_full, "the disk is full while " + what +
                                 "; what was committed is kept: free some space and start again"};
  }
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Kind::in_use,
              "another process has " + path_ + " (" + name_ + ") open: stop it first"};
    case SQLITE_CORRUPT:
      return {Kind::corrupt, path_ + " (" + name_ + ") is damaged, found while " +
                                 std::string(doing) +
                                 " it; nothing more was changed: restore a backup"};
    case SQLITE_NOTADB:
      return {Kind::foreign, path_ + " is not " + name_ + "; nothing was changed"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM: {
      std::string why = system_error != 0 ? std::strerror(system_error) : sqlite3_errstr(code);
      return {Kind::io, what + " failed: " + why + " (" + std::to_string(code) +
                            "); what was committed is kept: mend the cause and start again"};
    }
    default:
      return {Kind::statement, what + " failed: " + std::string(sqlite3_errmsg(handle_)) +
                                   "; what was committed is kept: please report this"};
  }
}

void Database::broken(int code, std::string_view doing) {
  auto thrown = failure(code, doing);
  unusable_ = true;
  throw thrown;
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.begin();
}

Transaction::~Transaction() {
  if (open_) database_.rollback();
}

void Transaction::commit() {
  LIAISON_CHECK(open_);
  database_.commit();
  open_ = false;
}

}  // namespace liaison::store
