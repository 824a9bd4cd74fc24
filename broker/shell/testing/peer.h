#pragma once

#include <deque>

#include "audit/cosignature.h"
#include "broker/shell/engine.h"
#include "certs/renewal.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "crypto/profile.h"
#include "crypto/request.h"
#include "crypto/seal.h"
#include "wire/frame.h"
#include "wire/log_name.h"
#include "wire/registry.h"

namespace liaison::broker::testing {

/// A node's keys and the few things it says, for tests of the engine: no store, no casework.
class Peer {
 public:
  Peer(std::string_view name, NodeRole its_role) : id(*NodeId::parse(name)), role(its_role) {}

  wire::JoinRequest join_request(const certs::Invitation& invitation) const {
    wire::JoinRequest out;
    out.node = id;
    out.secret.octets = invitation.secret.octets;
    out.curve_key = curve.public_key();
    out.witness_key.octets = witness.public_key().octets;
    out.request =
        crypto::CertificateRequest::make(signing, id, out.curve_key, witness.public_key()).der;
    return out;
  }
  void joined(const wire::Joined& answer) {
    certificate = *crypto::Certificate::parse(answer.certificate);
  }
  wire::Frame sealing_certificate(Instant now) {
    sealed_by = crypto::issue_sealing(sealing.public_key(), signing, *certificate, now);
    return std::vector<wire::Publication>{{wire::EntryKind::sealing_certificate, sealed_by->der()}};
  }
  wire::Frame renewal(const crypto::PrivateKey& next, const CurveKey& to) const {
    const auto made =
        certs::make_renewal(id, next, to, witness.public_key(), signing, *certificate);
    return wire::Renewal{made.request, made.continuity.previous, made.continuity.signature};
  }
  wire::Frame hello(Instant now, std::uint64_t epoch = 0, std::uint32_t credit = 1000) const {
    wire::Hello out;
    out.node = id;
    out.epoch = epoch;
    out.incarnation = incarnation;
    out.clock = now;
    out.credit_letters = credit;
    out.credit_bytes = 16 << 20;
    return out;
  }
  wire::Frame listing(std::uint32_t version, Instant now) const {
    wire::Listing listing{id, "benches", version, now, false, "{}"};
    wire::SignedListing out;
    out.body = wire::encode(listing);
    out.signature = signing.sign(wire::signed_bytes_of_listing(out.body));
    out.certificate = certificate->fingerprint();
    return std::vector<wire::Publication>{{wire::EntryKind::listing, wire::encode(out)}};
  }
  /// As a witness, of what it was shown.
  [[nodiscard]] wire::Cosigned cosigned(const wire::Proofs& shown, const Fingerprint& authority,
                                        Instant at) const {
    wire::Cosigned out;
    out.epoch = 1;
    const auto seconds = static_cast<std::uint64_t>(to_ms(at) / 1000);
    const auto line = [&](const std::string& text, std::uint64_t& size) {
      const auto note = audit::parse_note(text).value();
      size = audit::parse_checkpoint(note.text)->size;
      const auto name = wire::witness_name_of(id, authority);
      return audit::encode(audit::cosign(note.text, name, witness, seconds));
    };
    out.registry = line(shown.registry_checkpoint, out.registry_size);
    out.message = line(shown.message_checkpoint, out.message_size);
    return out;
  }
  /// A letter as the exchange sees it: the broker cannot tell these octets from sealed ones.
  wire::Letter letter(const Peer& to, std::uint64_t number, Instant now,
                      std::size_t bytes = 300) const {
    wire::Letter out;
    for (std::size_t at = 0; at < 8; ++at)
      out.id.octets[at] = static_cast<std::uint8_t>(number >> (8 * at));
    out.id.octets[15] = 1;
    out.sender = id;
    out.recipient = to.id;
    out.sealing_key = to.sealed_by->fingerprint();
    out.commitment.octets[0] = static_cast<std::uint8_t>(number);
    out.expires = now + std::chrono::hours(24 * 7);
    out.sealed.assign(bytes, static_cast<std::uint8_t>(number));
    return out;
  }

  NodeId id;
  NodeRole role;
  crypto::PrivateKey signing = crypto::PrivateKey::generate();
  crypto::PrivateKey sealing = crypto::PrivateKey::generate();
  crypto::CurvePair curve = crypto::CurvePair::generate();
  crypto::Ed25519Key witness = crypto::Ed25519Key::generate();
  std::optional<crypto::Certificate> certificate;
  std::optional<crypto::Certificate> sealed_by;
  std::uint64_t incarnation = 0;
};

}  // namespace liaison::broker::testing
