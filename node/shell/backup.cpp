#include "node/shell/backup.h"

#include <unistd.h>

#include <algorithm>
#include <exception>

#include "crypto/file.h"
#include "node/shell/backup_file.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "node/shell/registry_store.h"
#include "node/shell/schema.h"
#include "store/files.h"

/// A backup is one file: the store, with the key files in a table of their own, as they lie on disk
/// (encrypted if they were). Sealing keys are never in it: with one, whoever has the backup could
/// open letters that the exchange's disk still holds.
namespace liaison::node {
namespace {

constexpr std::size_t key_file_bytes_max = 64 * 1024;

bool belongs_in_backup(const std::filesystem::path& file) {
  auto name = file.filename().string();
  return file.extension() == ".pem" && name.rfind(sealing_key_prefix, 0) != 0;
}

store::Options options_for(const std::string& path) {
  store::Options options;
  options.path = path;
  options.make_if_missing = false;
  return options;
}

/// Makes a copy of the store at `partial` with the key files put in. Throws when a disk fails.
Result<void> copy_with_keys(store::Database& database, const std::string& partial, Now now) {
  database.backup_to(partial);
  {
    store::Database copy(options_for(partial), schema());
    Sql sql(copy);
    store::Transaction change(copy);
    copy.execute(
        "CREATE TABLE backup_key(name TEXT PRIMARY KEY, octets BLOB NOT NULL) WITHOUT ROWID");
    RegistryStore registry(sql);
    registry.set_number("backup_at", static_cast<std::uint64_t>(to_ms(now.wall)));
    registry.drop_own_keys();
    auto keys = std::filesystem::path(database.path()).parent_path() / "keys";
    std::error_code ignored;
    if (std::filesystem::is_directory(keys, ignored)) {
      for (const auto& entry : std::filesystem::directory_iterator(keys)) {
        if (!belongs_in_backup(entry.path())) continue;
        auto octets = crypto::read_file(entry.path(), key_file_bytes_max, crypto::Readers::anyone);
        if (!octets) return fail(octets.error());
        sql.run("INSERT INTO backup_key(name, octets) VALUES(?, ?)",
                entry.path().filename().string(), octets->view());
      }
    }
    change.commit();
    copy.checkpoint_truncate();
  }
  for (const char* suffix : {"-wal", "-shm"})
    ::unlink((partial + suffix).c_str());
  return {};
}

}  // namespace

Result<void> write_backup(store::Database& database, const std::string& path, Now now) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    return fail(Reason::conflict, path + " exists already; nothing was written: name another file");
  auto partial = path + ".making";
  store::remove_store(partial);
  try {
    auto made = copy_with_keys(database, partial, now);
    if (made)
      store::put_in_place(partial, path);
    else
      store::remove_store(partial);
    return made;
  } catch (const std::exception& error) {
    // The disk that the backup goes to, mostly. A store of ours that broke says so at its next use.
    store::remove_store(partial);
    return fail(Reason::unavailable,
                std::string("the backup could not be written: ") + error.what());
  }
}

Result<void> restore(const std::string& file, const std::filesystem::path& directory, Now now) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return fail(Reason::not_found, file + ": no such file");
  if (std::filesystem::exists(store_path(directory), ignored) ||
      std::filesystem::exists(keys_path(directory), ignored))
    return fail(
        Reason::conflict,
        directory.string() + " has a node already; nothing was changed: name a new directory");
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  std::filesystem::create_directories(keys_path(directory));
  std::filesystem::permissions(keys_path(directory), std::filesystem::perms::owner_all);
  auto partial = store_path(directory).string() + ".making";
  store::remove_store(partial);
  // Whatever ends this early takes what it made with it, so that it can be tried again.
  struct Undo {
    std::filesystem::path keys;
    std::string partial;
    bool done = false;
    ~Undo() {
      if (done) return;
      std::error_code failed;
      std::filesystem::remove_all(keys, failed);
      store::remove_store(partial);
    }
  } undo{keys_path(directory), partial};
  std::filesystem::copy_file(file, partial);
  std::filesystem::permissions(
      partial, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  try {
    store::Database copy(options_for(partial), schema());
    auto check = copy.quick_check();
    if (!check.sound) return fail(Reason::malformed, file + " is damaged: " + check.text);
    Sql sql(copy);
    {
      RegistryStore registry(sql);
      if (registry.number("backup_at") == 0)
        return fail(Reason::malformed, file + " is not a backup: make one with the backup command");
      auto rows = sql.query("SELECT name, octets FROM backup_key");
      while (rows.next())
        crypto::write_file(
            keys_path(directory) / std::filesystem::path(std::string(rows.text(0))).filename(),
            rows.blob(1), 0600);
    }
    store::Transaction change(copy);
    RegistryStore registry(sql);
    mark_restored(registry);
    registry.clear_meta("backup_at");
    registry.drop_own_keys();
    copy.execute("DROP TABLE backup_key");
    change.commit();
    copy.checkpoint_truncate();
  } catch (const store::Failure& failure) {
    if (failure.kind() == store::Failure::Kind::foreign ||
        failure.kind() == store::Failure::Kind::corrupt)
      return fail(Reason::malformed, file + " is not a backup of a node: " + failure.what());
    throw;
  }
  for (const char* suffix : {"-wal", "-shm"})
    ::unlink((partial + suffix).c_str());
  store::put_in_place(partial, store_path(directory).string());
  undo.done = true;
  (void)now;
  return {};
}

void mark_restored(RegistryStore& registry) {
  registry.set_number("restored", 1);
  registry.set_number("incarnation", 0);
  // It may have cosigned since what the backup does not know of.
  registry.clear_meta(witness_meta);
}

}  // namespace liaison::node
