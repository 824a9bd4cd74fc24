#include "broker/program/backup.h"

#include <algorithm>
#include <array>

#include "broker/program/files.h"
#include "broker/shell/engine.h"
#include "broker/shell/store.h"
#include "store/backup.h"
#include "store/database.h"

namespace liaison::broker {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 3> single_files{"liaison.toml", "curve.pub", "authority.pem"};

store::Options wiping(const fs::path& file) {
  auto options = Store::options(file.string());
  options.make_if_missing = false;
  options.secure_delete = store::SecureDelete::on;  // the key files leave no copy behind
  return options;
}

Result<void> put_files(const fs::path& copy, const fs::path& directory) {
  store::Database database(wiping(copy), Store::schema());
  store::Transaction transaction(database);
  auto put = database.prepare("INSERT OR REPLACE INTO kept_file VALUES (?,?)");
  std::vector<std::string> names(single_files.begin(), single_files.end());
  for (const auto& each : fs::directory_iterator(directory / "keys"))
    if (each.is_regular_file()) names.push_back("keys/" + each.path().filename().string());
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    auto content = read_file(directory / name);
    if (!content) return fail(content.error());
    put.run(name, as_bytes(*content));
  }
  transaction.commit();
  return {};
}

bool is_ours(const std::string& name) {
  if (std::find(single_files.begin(), single_files.end(), name) != single_files.end()) return true;
  const auto file = name.rfind("keys/", 0) == 0 ? name.substr(5) : "";
  return !file.empty() && file.front() != '.' && file.find('/') == std::string::npos;
}

Result<void> take_files(const fs::path& directory, Now now) {
  store::Database database(wiping(directory / "broker.db"), Store::schema());
  {
    auto find = database.prepare("SELECT name, content FROM kept_file ORDER BY name");
    std::size_t files = 0;
    for (auto rows = find.query(); rows.next(); ++files) {
      const std::string name(rows.text(0));
      if (!is_ours(name))
        return fail(Reason::malformed, "the backup holds a file of another program: " + name);
      write_file(directory / name, as_text(rows.blob(1)));
    }
    if (files == 0)
      return fail(
          Reason::malformed,
          "this is a broker's store, not a backup: use a file that `liaison-broker backup` wrote");
  }
  {
    store::Transaction transaction(database);
    database.prepare("DELETE FROM kept_file").run();
    transaction.commit();
  }
  Engine::mark_restored(database, now);
  database.checkpoint_truncate();
  return {};
}

}  // namespace

BackupInPieces::BackupInPieces(store::Database& database, fs::path directory, fs::path file)
    : database_(database),
      directory_(std::move(directory)),
      file_(std::move(file)),
      copy_(file_.string() + ".partial") {}

BackupInPieces::~BackupInPieces() {
  if (!running_) return;
  running_.reset();
  std::error_code error;
  fs::remove(copy_, error);
}

std::optional<Result<void>> BackupInPieces::step() {
  constexpr int pages = 512;  // 2 MiB
  if (!running_) {
    if (fs::exists(file_))
      return fail(Reason::conflict, file_.string() + " is there already: name another file");
    std::error_code error;
    fs::remove(copy_, error);
    running_ = std::make_unique<store::Backup>(database_, copy_.string());
  }
  if (running_->copy(pages) == store::Backup::Step::more) return std::nullopt;
  return finish();
}

Result<void> BackupInPieces::finish() {
  auto made = put_files(copy_, directory_);
  if (!made) return made;
  // rename() would write over a file that came meanwhile.
  fs::create_hard_link(copy_, file_);
  fs::remove(copy_);
  sync_directory(fs::absolute(file_).parent_path());
  return {};
}

Result<void> make_backup(store::Database& database, const fs::path& directory,
                         const fs::path& file) {
  BackupInPieces pieces(database, directory, file);
  for (;;)
    if (auto done = pieces.step()) return *done;
}

Result<void> restore_backup(const fs::path& file, const fs::path& directory, Now now) {
  if (!fs::is_regular_file(file)) return fail(Reason::not_found, file.string() + " is no file");
  if (fs::exists(directory) && !fs::is_empty(directory))
    return fail(Reason::conflict, directory.string() + " is not empty: restore to a new directory");
  const bool was_there = fs::exists(directory);
  make_private_directory(directory);
  make_private_directory(directory / "keys");
  Result<void> done;
  try {
    fs::copy_file(file, directory / "broker.db");
    fs::permissions(directory / "broker.db", fs::perms::owner_read | fs::perms::owner_write);
    done = take_files(directory, now);
  } catch (...) {
    remove_contents(directory, was_there);
    throw;
  }
  if (!done) remove_contents(directory, was_there);
  return done;
}

}  // namespace liaison::broker
