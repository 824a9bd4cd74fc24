#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "crypto/key.h"

namespace liaison::certs {

inline constexpr std::size_t invitation_characters_max = 8 * 1024;

struct InvitationSecretTag {
  static constexpr const char* name = "invitation secret";
};
using InvitationSecret = Fixed<InvitationSecretTag, 32>;

/// What a node needs to join, in one line of text: "liaison-invitation-1." base64url(JSON) "."
/// checksum, where the checksum is the first 8 hexadecimal digits of SHA-256 of all before its dot.
/// It is a secret: who has it can join as the node, once, until it expires.
struct Invitation {
  NodeId node;
  std::vector<std::string>
      exchange;  ///< 1 to 8 addresses of the broker, "tcp://host:port", best first
  std::vector<std::string> joining;          ///< 1 to 8 addresses of its joining socket
  CurveKey broker;                           ///< the broker's CURVE key
  Fingerprint authority;                     ///< of the authority's certificate
  std::vector<crypto::WitnessKey> log_keys;  ///< public keys of the broker's logs; may be empty
  InvitationSecret secret;
  Instant expires;  ///< to the second
  friend bool operator==(const Invitation&, const Invitation&) = default;
};

/// The one line, without a line end.
std::string encode(const Invitation& invitation);
/// Reads one line; white space around it and line breaks inside (as mail programs make) are passed
/// over. Malformed for everything else that encode() does not write, with what to do; unsupported
/// for a later version.
Result<Invitation> parse_invitation(std::string_view text);

/// Whether `text` is "tcp://HOST:PORT" with a host name, IPv4 or [IPv6] address and a port from 1
/// to 65535.
bool is_address(std::string_view text);

}  // namespace liaison::certs
