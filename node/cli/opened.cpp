#include "node/cli/opened.h"

#include "cli/place.h"
#include "crypto/certificate.h"
#include "crypto/file.h"
#include "crypto/start.h"
#include "node/cli/directory.h"
#include "node/cli/settings.h"
#include "node/desk/people_store.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "node/shell/schema.h"
#include "store/database.h"

namespace liaison::node {
namespace {

/// A certificate that begins in the future means that this machine's clock is behind.
Result<void> check_clock(const Installation& installation, Instant now) {
  const auto certificate = crypto::Certificate::parse(installation.certificate);
  if (!certificate)
    return fail(Reason::malformed, "the node's own certificate is damaged: join again");
  if (certificate->not_before() <= now) return {};
  return fail(Reason::expired, "the node's certificate is not yet valid (it begins at " +
                                   to_rfc3339(certificate->not_before()) +
                                   "): this machine's clock is behind; set it, then start again");
}

/// Reads every key once: a damaged file is found when the node starts, not when it is needed.
Result<void> check_keys(const crypto::KeyVault& keys) {
  for (const auto& name : keys.names()) {
    std::optional<Error> wrong;
    const auto note = [&](const auto& key) {
      if (!key) wrong = key.error();
    };
    if (name == curve_key) {
      note(keys.curve(name));
    } else if (name == witness_key) {
      note(keys.ed25519(name));
    } else if (name == store_key) {
      note(keys.secret(name));
    } else {
      note(keys.private_key(name));
    }
    if (wrong) return fail(*wrong);
  }
  return {};
}

tl::unexpected<Error> incomplete(const Kind& kind) {
  return fail(Reason::unavailable, "joining is not complete: run " + kind.program +
                                       " join again with the same invitation");
}

std::unique_ptr<store::Database> open_database(const std::filesystem::path& directory) {
  store::Options options;
  options.path = cli::with_one_slash(store_path(directory).string());
  options.make_if_missing = false;
  auto out = std::make_unique<store::Database>(options, schema());
  if (std::filesystem::exists(restoring_path(directory))) {
    store::Transaction change(*out);
    PeopleStore(*out).withdraw_all_tokens(system_now().wall);
    change.commit();
    std::filesystem::remove(restoring_path(directory));
    crypto::sync_directory(directory);  // or it might come back, and take newer tokens with it
  }
  return out;
}

/// Whether a join was killed before it had made a key.
bool was_joining(const std::filesystem::path& directory) {
  const auto keys = crypto::KeyVault::open(keys_path(directory), std::nullopt);
  return !keys && keys.error().reason == Reason::not_found &&
         !read_installation(*open_database(directory));
}

}  // namespace

Result<void> check_joined(const Kind& kind, const std::filesystem::path& directory) {
  // An empty store is all that there is of a join that was killed at its beginning.
  const auto store = store_path(directory);
  if (std::filesystem::exists(store) && std::filesystem::file_size(store) > 0) return {};
  return fail(Reason::not_found, directory.string() + " has not joined an exchange: run " +
                                     kind.program + " join --dir " + directory.string() +
                                     " with an invitation");
}

Result<OpenedStore> open_store(const std::filesystem::path& directory) {
  OpenedStore out;
  out.lock = take_directory(directory);
  out.database = open_database(directory);
  return out;
}

Result<Opened> open_node(const Kind& kind, const std::filesystem::path& directory) {
  if (const auto joined = check_joined(kind, directory); !joined) return fail(joined.error());
  auto settings = read_settings(directory, kind.port);
  if (!settings) return fail(settings.error());
  if (const auto options = server_options(*settings); !options) return fail(options.error());
  const auto source = passphrase_source(*settings);
  if (!source) return fail(source.error());
  crypto::start();

  Opened out;
  out.lock = take_directory(directory);
  if (was_joining(directory)) return incomplete(kind);  // of what keys would a passphrase be asked?
  auto passphrase = crypto::read_passphrase(*source);
  if (!passphrase) return fail(passphrase.error());
  auto keys = crypto::KeyVault::open(keys_path(directory), std::move(*passphrase));
  if (!keys) return fail(keys.error());
  if (const auto good = check_keys(*keys); !good) return fail(good.error());
  auto database = open_database(directory);
  auto installation = read_installation(*database);
  if (!installation) return incomplete(kind);
  const auto now = system_now();
  if (const auto good = check_clock(*installation, now.wall); !good) return fail(good.error());
  const auto& addresses = settings->list("broker.addresses");
  if (!addresses.empty() && addresses != installation->exchange) {
    installation->exchange = addresses;
    store::Transaction change(*database);
    write_installation(*database, *installation);
    change.commit();
  }
  out.entropy = std::make_unique<crypto::SystemEntropy>();
  out.engine = std::make_unique<Engine>(EngineConfig{}, std::move(database), std::move(*keys),
                                        *out.entropy, now);
  if (out.engine->role() != kind.role) {
    return fail(Reason::conflict,
                directory.string() + " is of " +
                    (kind.role == NodeRole::adviser ? "a provider's" : "an adviser's") +
                    " node: use the other program");
  }
  out.settings = std::move(*settings);
  return out;
}

}  // namespace liaison::node
