#pragma once

#include <string_view>

#include "crypto/profile.h"
#include "crypto/random.h"

/// An authority and nodes, made in a line each: for the tests of every folder that meets
/// certificates.
namespace liaison::crypto::testing {

/// 2026-05-06T10:42:00Z: a moment at which all that is made here is valid, unless said otherwise.
Instant test_time();

struct TestAuthority {
  PrivateKey key = PrivateKey::generate();
  Certificate certificate =
      issue_authority(key, "Test exchange", test_time(), std::chrono::days(3650));
};

struct TestNode {
  NodeId id;
  PrivateKey signing_key = PrivateKey::generate();
  PrivateKey sealing_key = PrivateKey::generate();
  CurvePair curve = CurvePair::generate();
  Ed25519Key witness = Ed25519Key::generate();
  SigningProfile profile;
  Certificate signing;
  Certificate sealing;

  TestNode(const TestAuthority& authority, std::string_view id, NodeRole role = NodeRole::adviser,
           Capabilities capabilities = {}, Instant made_at = test_time());
};

/// Draws OpenSSL's randomness from a source for as long as it lives.
class EntropyInUse {
 public:
  explicit EntropyInUse(Entropy& entropy) { use_entropy(&entropy); }
  EntropyInUse(const EntropyInUse&) = delete;
  EntropyInUse& operator=(const EntropyInUse&) = delete;
  ~EntropyInUse() { use_entropy(nullptr); }
};

}  // namespace liaison::crypto::testing
