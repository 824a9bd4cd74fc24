#include "node/shell/join.h"

#include <algorithm>
#include <stdexcept>

#include "crypto/profile.h"
#include "crypto/record.h"
#include "crypto/request.h"
#include "node/shell/installation.h"
#include "node/shell/keys.h"
#include "node/shell/registry_store.h"
#include "node/shell/schema.h"
#include "store/database.h"

namespace liaison::node {

std::filesystem::path store_path(const std::filesystem::path& directory) {
  return directory / "node.db";
}
std::filesystem::path keys_path(const std::filesystem::path& directory) {
  return directory / "keys";
}
std::filesystem::path admin_path(const std::filesystem::path& directory) {
  return directory / "admin.sock";
}

wire::JoinRequest prepare_join(crypto::KeyVault& keys, const certs::Invitation& invitation) {
  if (!keys.has(joining_key)) keys.keep(joining_key, crypto::PrivateKey::generate());
  if (!keys.has(curve_key)) keys.keep(curve_key, crypto::CurvePair::generate());
  if (!keys.has(witness_key)) keys.keep(witness_key, crypto::Ed25519Key::generate());
  if (!keys.has(store_key)) keys.keep(store_key, crypto::fresh_key());
  auto signing = keys.private_key(joining_key);
  auto curve = keys.curve(curve_key);
  auto witness = keys.ed25519(witness_key);
  if (!signing || !curve || !witness)
    throw std::runtime_error("the keys in the directory cannot be read: " +
                             (!signing ? signing.error().text
                              : !curve ? curve.error().text
                                       : witness.error().text));
  wire::JoinRequest request;
  request.node = invitation.node;
  request.secret = *Digest::from(invitation.secret.view());
  request.curve_key = curve->public_key();
  auto witness_public = witness->public_key();
  request.witness_key = *Digest::from(witness_public.view());
  request.request = crypto::CertificateRequest::make(*signing, invitation.node, curve->public_key(),
                                                     witness_public)
                        .der;
  return request;
}

Result<void> complete_join(store::Database& database, const crypto::KeyVault& keys,
                           const certs::Invitation& invitation, const wire::Joined& joined,
                           Now now) {
  auto authority = crypto::Certificate::parse(joined.authority);
  if (!authority || authority->fingerprint() != invitation.authority)
    return fail(Reason::untrusted,
                "who answered is not the exchange of the invitation (another authority): nothing "
                "was changed; ask "
                "for a new invitation");
  auto certificate = crypto::Certificate::parse(joined.certificate);
  if (!certificate)
    return fail(Reason::untrusted, "the exchange's answer has no certificate that can be read");
  // A certificate of a clock ahead of ours is the node's to wait for, not to refuse.
  auto profile = crypto::check_signing(*certificate, *authority, certificate->not_before());
  auto signing = keys.private_key(joining_key);
  auto curve = keys.curve(curve_key);
  auto witness = keys.ed25519(witness_key);
  const bool is_asked_for = signing && certificate->public_key() == signing->public_key();
  // Who has joined with these keys is answered as then, though the one made to ask is another.
  const bool is_had = keys.has(signing_key_name(certificate->public_key()));
  if (!profile || !curve || !witness || profile->node != invitation.node ||
      !(is_asked_for || is_had) || profile->curve != curve->public_key() ||
      profile->witness != witness->public_key())
    return fail(Reason::untrusted,
                "the certificate in the exchange's answer is not for this node's keys");
  auto before = read_installation(database);
  if (before && (before->node != invitation.node || before->authority != joined.authority))
    return fail(Reason::conflict,
                "this directory belongs to " + before->node.text() +
                    (before->node == invitation.node ? " of another exchange" : "") +
                    "; nothing was changed: join in another directory");
  crypto::KeyVault vault = keys;
  if (!is_asked_for && before) {
    vault.destroy(joining_key);  // and what was renewed since stays
    return {};
  }
  // Keys of a node that had joined, without its store: what its witness key signed is not known.
  const auto names = vault.names();
  const bool is_first = !before && std::none_of(names.begin(), names.end(), [](const auto& name) {
    return name.rfind("signing-", 0) == 0;
  });
  if (is_asked_for) vault.keep(signing_key_name(certificate->public_key()), *signing);
  Installation installation;
  installation.node = invitation.node;
  installation.exchange = invitation.exchange;
  installation.broker = invitation.broker;
  installation.authority = joined.authority;
  installation.certificate = joined.certificate;
  installation.log_keys = invitation.log_keys;
  store::Transaction change(database);
  write_installation(database, installation);
  if (is_first) {
    Sql sql(database);
    RegistryStore(sql).set_meta(witness_meta, profile->witness.view());
  }
  change.commit();
  (void)now;
  return {};
}

}  // namespace liaison::node
