#include "broker/program/installation.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "broker/program/archive.h"
#include "broker/program/files.h"
#include "broker/shell/logs.h"
#include "broker/shell/store.h"
#include "cli/place.h"
#include "store/database.h"

namespace liaison::broker {

namespace fs = std::filesystem;

Result<Installation> read_installation(const fs::path& directory) {
  auto settings = read_settings(directory);
  if (!settings) return fail(settings.error());
  auto text = read_file(directory / "curve.pub");
  if (!text) return fail(text.error());
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
    text->pop_back();
  auto curve = CurveKey::parse(*text);
  if (!curve)
    return fail(Reason::malformed, (directory / "curve.pub").string() + ": " + curve.error().text);
  return Installation{directory, *settings, *curve};
}

namespace {

Result<void> fill(const InitOrder& order, Now now) {
  const auto& directory = order.directory;
  auto passphrase = crypto::read_passphrase(order.settings.keys, crypto::Ask::twice);
  if (!passphrase) return fail(passphrase.error());
  auto keys = crypto::KeyVault::create(directory / "keys", std::move(*passphrase));
  if (!keys) return fail(keys.error());
  const auto curve = crypto::CurvePair::generate();
  keys->keep(curve_key, curve);
  const auto log = crypto::Ed25519Key::generate();
  keys->keep(log_key, log);
  write_file(directory / "curve.pub", curve.public_key().text() + "\n");
  store::Database database(Store::options((directory / "broker.db").string()), Store::schema());
  if (order.settings.authority_online) {
    const auto authority = certs::Authority::make(order.settings.name, now.wall);
    keys->keep(authority_key, authority.key());
    Engine::found(database, authority, now);
    write_file(directory / "authority.pem", authority.certificate().pem());
  } else {
    auto pem = read_file(order.authority);
    if (!pem) return fail(pem.error());
    auto certificate = crypto::certificate_from_pem(*pem);
    if (!certificate)
      return fail(Reason::malformed, order.authority.string() + ": " + certificate.error().text);
    if (auto holds = crypto::check_authority(*certificate, now.wall); !holds)
      return fail(holds.error().reason, order.authority.string() + ": " + holds.error().text);
    auto der = read_file(order.revocations);
    if (!der) return fail(der.error());
    auto list = crypto::RevocationList::parse(as_bytes(*der));
    if (!list)
      return fail(Reason::malformed, order.revocations.string() + ": " + list.error().text);
    if (auto signed_by = list->verify(*certificate); !signed_by)
      return fail(signed_by.error().reason,
                  order.revocations.string() + ": " + signed_by.error().text);
    Engine::found(database, *certificate, *list, now);
    write_file(directory / "authority.pem", certificate->pem());
  }
  // Invitations name it, which may be made before it ever serves.
  store::Transaction change(database);
  Store(database).keep_log_key(log.public_key());
  change.commit();
  write_file(directory / "liaison.toml", documented(order.settings));
  return {};
}

}  // namespace

Result<void> make_installation(const InitOrder& order, Now now) {
  const auto& directory = order.directory;
  if (fs::exists(directory) && !fs::is_empty(directory))
    return fail(Reason::conflict, directory.string() + " is not empty: name a new directory");
  const bool was_there = fs::exists(directory);
  make_private_directory(directory);
  Result<void> made;
  try {
    made = fill(order, now);
  } catch (...) {
    remove_contents(directory, was_there);
    throw;
  }
  if (!made) remove_contents(directory, was_there);
  return made;
}

Result<crypto::KeyVault> open_keys(const Installation& installation) {
  auto passphrase = crypto::read_passphrase(installation.settings.keys);
  if (!passphrase) return fail(passphrase.error());
  return crypto::KeyVault::open(installation.directory / "keys", std::move(*passphrase));
}

std::unique_ptr<Engine> open_engine(const Installation& installation, const crypto::KeyVault* keys,
                                    Entropy& entropy, Now now) {
  const auto& settings = installation.settings;
  EngineConfig config;
  config.name = settings.name;
  config.exchange_addresses = settings.exchange_addresses();
  config.joining_addresses = settings.joining_addresses();
  config.curve = installation.curve;
  config.limits = settings.limits;
  config.cache_bytes_max = settings.cache_bytes;
  auto options =
      Store::options(cli::with_one_slash((installation.directory / "broker.db").string()));
  options.make_if_missing = false;
  auto database = std::make_unique<store::Database>(options, Store::schema());
  if (keys != nullptr) {
    settle_log_key(*keys, Store(*database).log_key());
    auto key = keys->ed25519(log_key);
    if (!key) throw std::runtime_error(key.error().text);
    config.log_key = std::move(*key);
  }
  std::optional<certs::Authority> authority;
  if (keys != nullptr && settings.authority_online) {
    auto key = keys->private_key(authority_key);
    if (!key) throw std::runtime_error(key.error().text);
    Store store(*database);
    auto entries = store.entries(0, 1);
    auto certificate =
        entries.empty()
            ? Result<crypto::Certificate>(fail(Reason::not_found, "the store has no authority"))
            : crypto::Certificate::parse(entries.front().body);
    if (!certificate) throw std::runtime_error(certificate.error().text);
    auto whole = certs::Authority::from(std::move(*key), std::move(*certificate));
    if (!whole)
      throw std::runtime_error(fmt::format("{}/keys/{}.pem: {}", installation.directory.string(),
                                           authority_key, whole.error().text));
    authority = std::move(*whole);
  }
  auto engine = std::make_unique<Engine>(std::move(config), std::move(database),
                                         std::move(authority), entropy, now);
  engine->logs().of(LogName::message).store().read_archive_by(read_archived);
  return engine;
}

}  // namespace liaison::broker
