#pragma once

#include "crypto/profile.h"

/// The profiles as octets: what issuing writes, and what checking writes anew and compares.
namespace liaison::crypto {

inline constexpr std::string_view node_uri = "urn:liaison:node:";
inline constexpr std::string_view curve_uri = "urn:liaison:curve:";
/// Certificates begin this much before they are made, for clocks that are a little behind.
inline constexpr auto issued_before = std::chrono::hours(1);

/// Whether it is an authority's certificate that signed itself.
bool is_authority(const Certificate& certificate);

Bytes signing_subject(const SigningProfile& profile);
Bytes sealing_subject(const NodeId& node);
Bytes authority_subject(std::string_view name);

// What is inside the SEQUENCE OF Extension.
Bytes signing_extensions(const SigningProfile& profile, const PublicKey& key,
                         ByteView issuer_key_id);
Bytes sealing_extensions(const NodeId& node, const PublicKey& key, ByteView issuer_key_id);
Bytes authority_extensions(const PublicKey& key);
/// Those that a request asks for.
Bytes requested_extensions(const NodeId& node, const CurveKey& curve, const WitnessKey& witness);

}  // namespace liaison::crypto
