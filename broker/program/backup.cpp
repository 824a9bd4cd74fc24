#include "broker/program/backup.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "broker/program/files.h"
#include "broker/shell/engine.h"
#include "broker/shell/store.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/files.h"

namespace liaison::broker {

namespace fs = std::filesystem;

namespace {

constexpr const char* settings_file = "liaison.toml";
constexpr std::array<const char*, 3> single_files{settings_file, "curve.pub", "authority.pem"};

bool is_ours(const std::string& name) {
  if (std::find(single_files.begin(), single_files.end(), name) != single_files.end()) return true;
  const auto file = name.rfind("keys/", 0) == 0 ? name.substr(5) : "";
  return !file.empty() && file.front() != '.' && file.find('/') == std::string::npos;
}

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
    if (const auto name = "keys/" + each.path().filename().string();
        each.is_regular_file() && is_ours(name))
      names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    auto content = read_file(directory / name);
    if (!content) return fail(content.error());
    put.run(name, as_bytes(*content));
  }
  transaction.commit();
  // Closing would do it too, and say nothing of a disk that had no room for it.
  database.checkpoint_truncate();
  return {};
}

using Files = std::vector<std::pair<std::string, std::string>>;

Result<Files> kept_files(store::Database& database) {
  Files out;
  auto find = database.prepare("SELECT name, content FROM kept_file ORDER BY name");
  for (auto rows = find.query(); rows.next();) {
    out.emplace_back(rows.text(0), as_text(rows.blob(1)));
    if (!is_ours(out.back().first))
      return fail(Reason::malformed,
                  "the backup holds a file of another program: " + out.back().first);
  }
  if (out.empty())
    return fail(
        Reason::malformed,
        "this is a broker's store, not a backup: use a file that `liaison-broker backup` wrote");
  return out;
}

tl::unexpected<Error> damaged(const fs::path& file, const std::string& how) {
  return fail(Reason::malformed, file.string() + " is damaged: " + how);
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
  store::remove_store(copy_.string());
}

std::optional<Result<void>> BackupInPieces::step() {
  constexpr int pages = 512;  // 2 MiB
  if (!running_) {
    if (fs::exists(file_))
      return fail(Reason::conflict, file_.string() + " is there already: name another file");
    store::remove_store(copy_.string());  // of an attempt that was killed
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
  store::remove_store(copy_.string());
  sync_directory(fs::absolute(file_).parent_path());
  return {};
}

Result<void> make_backup(store::Database& database, const fs::path& directory,
                         const fs::path& file) {
  BackupInPieces pieces(database, directory, file);
  for (;;)
    if (auto done = pieces.step()) return *done;
}

Result<std::string> restore_all_but_settings(const fs::path& file, const fs::path& directory,
                                             Now now) try {
  make_private_directory(directory / "keys");
  fs::copy_file(file, directory / "broker.db");
  fs::permissions(directory / "broker.db", fs::perms::owner_read | fs::perms::owner_write);
  store::Database database(wiping(directory / "broker.db"), Store::schema());
  if (const auto check = database.quick_check(); !check.sound) return damaged(file, check.text);
  const auto files = kept_files(database);
  if (!files) return fail(files.error());
  // First of all: whatever becomes of the rest, this store is never taken for the one it was.
  Engine::mark_restored(database, now);
  std::string settings;
  for (const auto& [name, content] : *files) {
    if (name == settings_file)
      settings = content;
    else
      write_file(directory / name, content);
  }
  store::Transaction transaction(database);
  database.prepare("DELETE FROM kept_file").run();
  transaction.commit();
  database.checkpoint_truncate();
  return settings;
} catch (const store::Failure& failure) {
  // Damage that is met while it is opened or read, before the check or instead of its finding.
  if (failure.kind() != store::Failure::Kind::corrupt) throw;
  return damaged(file, failure.what());
}

Result<void> restore_backup(const fs::path& file, const fs::path& directory, Now now) {
  if (!fs::is_regular_file(file)) return fail(Reason::not_found, file.string() + " is no file");
  if (fs::exists(directory) && !fs::is_empty(directory))
    return fail(Reason::conflict, directory.string() + " is not empty: restore to a new directory");
  const bool was_there = fs::exists(directory);
  make_private_directory(directory);
  try {
    const auto settings = restore_all_but_settings(file, directory, now);
    if (settings) {
      write_file(directory / settings_file, *settings);
      return {};
    }
    remove_contents(directory, was_there);
    return fail(settings.error());
  } catch (...) {
    remove_contents(directory, was_there);
    throw;
  }
}

}  // namespace liaison::broker
