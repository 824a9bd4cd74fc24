#include "certs/invitation.h"
#include "crypto/profile.h"
#include "crypto/random.h"
#include "net/directory_lock.h"
#include "net/exchange_client.h"
#include "node/shell/installation.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "node/shell/schema.h"
#include "store/database.h"

/// Joining over the network: one request, one answer.
namespace liaison::node {
namespace {

/// Who is turned away because many join at once dials again that often at least.
constexpr Duration redial_longest = std::chrono::seconds(2);

/// Asks one address; unavailable if nobody answers in time.
Result<wire::JoinAnswer> ask(const std::string& address, const certs::Invitation& invitation,
                             const crypto::KeyVault& keys, const wire::JoinRequest& request,
                             Duration patience) {
  auto curve = keys.curve(curve_key);
  if (!curve) return fail(curve.error());
  net::Context context;
  crypto::SystemEntropy entropy;
  net::ClientOptions options;
  options.addresses = {address};
  options.server_key = invitation.broker;
  options.secret_key = curve->secret().clone();
  options.redial_longest = redial_longest;
  net::ExchangeClient client(context, std::move(options), entropy);
  net::Poller poller;
  poller.add(client);
  auto until = system_now().steady + patience;
  std::optional<Result<wire::JoinAnswer>> answer;
  bool refused = false;
  while (!answer) {
    auto now = system_now().steady;
    if (now >= until) break;
    for (auto happened = client.step(now); happened != net::ExchangeClient::Happened::nothing;
         happened = client.step(now)) {
      using Happened = net::ExchangeClient::Happened;
      if (happened == Happened::connected) client.send(wire::encode(request));
      if (happened != Happened::disconnected) refused = happened == Happened::refused;
    }
    client.receive(1, [&](ByteView frame) { answer = wire::decode_join_answer(frame); });
    if (answer) break;
    auto wait = until - now;
    if (auto deadline = client.next_deadline(); deadline && *deadline > now)
      wait = std::min(wait, *deadline - now);
    poller.wait(std::min<Duration>(wait, std::chrono::milliseconds(200)));
  }
  if (answer) return std::move(*answer);
  if (refused)
    return fail(Reason::unavailable,
                address +
                    " turned this node away: it may be that many join just now, so join again in a "
                    "minute; if that goes on, check that the exchange is joined at this address");
  return fail(Reason::unavailable,
              address + " does not answer: check the address and the network, then join again");
}

Result<crypto::KeyVault> vault_of(const std::filesystem::path& directory,
                                  std::optional<Secret> passphrase) {
  auto keys = keys_path(directory);
  std::optional<Secret> again;
  if (passphrase) again = passphrase->clone();
  auto opened = crypto::KeyVault::open(keys, std::move(again));
  if (opened || opened.error().reason != Reason::not_found) return opened;
  return crypto::KeyVault::create(keys, std::move(passphrase));
}

}  // namespace

Result<JoinOutcome> join(const std::filesystem::path& directory,
                         const certs::Invitation& invitation, JoinOptions options, Now now) {
  if (invitation.expires <= now.wall)
    return fail(Reason::expired, "the invitation ended on " + to_rfc3339(invitation.expires) +
                                     " (or this machine's clock is ahead): ask for a new one");
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  net::DirectoryLock lock(directory.string());
  store::Options store_options;
  store_options.path = store_path(directory).string();
  store::Database database(store_options, schema());
  if (auto before = read_installation(database); before && before->node != invitation.node)
    return fail(Reason::conflict, "this directory belongs to " + before->node.text() +
                                      "; nothing was changed: join in another directory");
  auto keys = vault_of(directory, std::move(options.passphrase));
  if (!keys) return fail(keys.error());
  auto request = prepare_join(*keys, invitation);

  Result<wire::JoinAnswer> answer =
      fail(Reason::unavailable, "the invitation names no joining address");
  for (const auto& address : invitation.joining) {
    answer = ask(address, invitation, *keys, request, options.patience);
    if (answer) break;
  }
  if (!answer) return fail(answer.error());
  JoinOutcome outcome;
  outcome.node = invitation.node;
  if (const auto* why = std::get_if<std::string>(&*answer))
    return fail(Reason::forbidden, "the exchange refused: " + *why);
  if (std::holds_alternative<wire::JoinPending>(*answer)) {
    outcome.pending = true;
    return outcome;
  }
  const auto& joined = std::get<wire::Joined>(*answer);
  if (auto done = complete_join(database, *keys, invitation, joined, now); !done)
    return fail(done.error());
  auto certificate = crypto::Certificate::parse(joined.certificate);
  auto profile = crypto::read_signing(*certificate);
  outcome.organisation = profile->organisation;
  outcome.role = profile->role;
  return outcome;
}

}  // namespace liaison::node
