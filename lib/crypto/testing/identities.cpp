#include "crypto/testing/identities.h"

#include "base/check.h"

namespace liaison::crypto::testing {

namespace {

NodeId named(std::string_view text) {
  auto id = NodeId::parse(text);
  LIAISON_CHECK(id.has_value());
  return std::move(*id);
}

}  // namespace

Instant test_time() {
  return *parse_rfc3339("2026-05-06T10:42:00Z");
}

TestNode::TestNode(const TestAuthority& authority, std::string_view text, NodeRole role,
                   Capabilities capabilities, Instant made_at)
    : id(named(text)),
      profile{id,
              "Organisation of " + id.text(),
              role,
              capabilities,
              curve.public_key(),
              witness.public_key()},
      signing(issue_signing(signing_key.public_key(), profile, authority.key, authority.certificate,
                            made_at)),
      sealing(issue_sealing(sealing_key.public_key(), signing_key, signing, made_at)) {}

}  // namespace liaison::crypto::testing
