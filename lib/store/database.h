#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "store/failure.h"
#include "store/statement.h"

struct sqlite3;

namespace liaison::store {

/// What a store is and how its tables came to be. `migrations[i]` is SQL that takes version i to
/// version i + 1, so a new store runs them all; one is never changed once released, only followed.
struct Schema {
  std::uint32_t
      application_id;  ///< in the file's header; tells our stores from other files and each other
  std::string_view name;  ///< what errors call it: "the broker's store"
  std::span<const std::string_view> migrations;
};

enum class SecureDelete {
  off,  ///< deleted content may stay in the file until overwritten: for stores of ciphertext
  on,   ///< deleted content is overwritten with zeros (in the file; the WAL needs
        ///< checkpoint_truncate)
};

struct Options {
  std::string path;
  /// Name of a registered VFS (store/testing/faulty_disk.h); empty: the system's files.
  std::string vfs = {};
  bool make_if_missing = true;
  SecureDelete secure_delete = SecureDelete::on;
  std::uint32_t page_size_bytes = 4096;        ///< of a new store; a power of two, 512 to 65536
  std::uint32_t checkpoint_bytes = 64u << 20;  ///< the WAL is copied into the file beyond this size
  std::uint32_t cache_bytes = 16u << 20;       ///< page cache
};

/// Outcome of a check of the whole file.
struct CheckOutcome {
  bool sound;
  std::string text;  ///< "ok", or the first finding
};

/// One SQLite file, open in this process alone and used from one thread: WAL, synchronous=FULL,
/// exclusive locking, no memory mapping, no waiting for locks. What commit() has returned for is on
/// disk.
///
/// A failed write, sync or commit throws Failure and leaves the object unusable: every later call
/// throws Failure::unusable, because a sync that failed must not be tried again as if it had not
/// (the kernel may have dropped the pages). The process ends; opening again finds what was
/// committed.
class Database {
 public:
  /// Opens or makes the store and brings it to the newest version of `schema`. Throws Failure.
  Database(const Options& options, const Schema& schema);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// A statement to keep. Throws Failure::statement if the SQL is wrong.
  [[nodiscard]] Statement prepare(std::string_view sql);
  /// Runs one or more statements without parameters or results.
  void execute(const std::string& sql);

  [[nodiscard]] std::int64_t last_insert_rowid() const;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Whether the last process that had the store did not close it (its WAL was still there).
  [[nodiscard]] bool was_unclean() const { return was_unclean_; }
  /// The schema version the file had when it was opened; 0: it is new.
  [[nodiscard]] std::uint32_t version_found() const { return version_found_; }

  /// How many times a file of this store was synced (fsync or fdatasync really issued).
  [[nodiscard]] std::uint64_t syncs() const;
  /// Transactions committed through Transaction.
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  /// Octets now in the WAL, and in the file with it.
  [[nodiscard]] std::uint64_t wal_bytes() const;
  [[nodiscard]] std::uint64_t file_bytes() const;

  /// Copies the WAL into the file, and cuts the WAL to nothing: after this no deleted content
  /// stays in it. Not within a transaction. Throws Failure.
  void checkpoint_truncate();

  /// Writes a copy of the store as it is now to `path` (mode 0600, synced, put in place by one
  /// rename); refuses to write over an existing file. Not within a transaction. Throws Failure, and
  /// then this Database stays usable unless reading it was what failed. In pieces: store/backup.h.
  void backup_to(const std::string& path);

  /// Checks the whole file now, blocking (75 s for 5 million letters). Throws Failure if it cannot
  /// be read.
  [[nodiscard]] CheckOutcome quick_check();

  /// Begins the same check on a thread of its own, beside normal use. It reads the file as of now
  /// and the WAL holds all that is written meanwhile, so the WAL grows until it ends; beyond
  /// `wal_bytes_max` the check is abandoned. Not within a transaction.
  void begin_background_check(std::uint64_t wal_bytes_max = 1u << 30);
  enum class Check { none, running, sound, damaged, abandoned };
  /// Asked now and then by the shell (cheap). `damaged`: stop accepting; text in check_finding().
  [[nodiscard]] Check background_check();
  [[nodiscard]] const std::string& check_finding() const { return check_finding_; }

 private:
  friend class Statement;
  friend class Rows;
  friend class Transaction;
  friend class Backup;
  struct BackgroundCheck;

  void open_file(const Options& options);
  void configure(const Options& options, const Schema& schema);
  void recognise(const Schema& schema);
  void write_wal_again();
  void migrate(const Schema& schema);
  void close() noexcept;
  void begin();
  void commit();
  void rollback() noexcept;
  void checkpoint_if_due();
  void checkpoint(int mode);
  void stop_background_check() noexcept;
  std::int64_t number_of(const std::string& sql);
  void require_usable() const;
  [[nodiscard]] Failure failure(int code, std::string_view doing) const;
  /// Throws the Failure for `code`; the object is unusable from here on.
  [[noreturn]] void broken(int code, std::string_view doing);

  std::string path_;
  std::string name_;
  std::string vfs_;
  bool system_files_ = true;
  sqlite3* handle_ = nullptr;
  Statement begin_, commit_, rollback_;
  bool unusable_ = false;
  bool in_transaction_ = false;
  bool was_unclean_ = false;
  std::uint32_t version_found_ = 0;
  std::uint32_t checkpoint_bytes_ = 0;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t wal_pages_ = 0;
  std::uint64_t commits_ = 0;
  std::unique_ptr<BackgroundCheck> check_;
  Check check_state_ = Check::none;
  std::string check_finding_;
};

/// `Transaction change(database); ...; change.commit();` Undone if it goes without commit().
/// One at a time.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// When it returns, the change is on disk. Throws Failure: then the change may or may not be
  /// found when the store is opened again, whole or not at all, and the Database is unusable.
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace liaison::store
