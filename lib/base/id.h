#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace liaison {

/// A value of exactly N octets that is told apart from every other such value by its type.
/// Text form: lower-case hexadecimal.
template <class Tag, std::size_t N>
struct Fixed {
  static constexpr std::size_t size = N;
  std::array<std::uint8_t, N> octets{};

  static Result<Fixed> from(ByteView bytes) {
    if (bytes.size() != N)
      return fail(Reason::malformed, std::string(Tag::name) + " has the wrong length");
    Fixed out;
    std::memcpy(out.octets.data(), bytes.data(), N);
    return out;
  }
  static Result<Fixed> parse(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes) return fail(Reason::malformed, std::string(Tag::name) + " is not hexadecimal");
    return from(*bytes);
  }
  [[nodiscard]] ByteView view() const { return octets; }
  [[nodiscard]] Bytes bytes() const { return {octets.begin(), octets.end()}; }
  [[nodiscard]] std::string text() const { return to_hex(octets); }
  /// All zero: "none" where a schema says a field may be empty.
  [[nodiscard]] bool is_zero() const { return *this == Fixed{}; }
  friend auto operator<=>(const Fixed&, const Fixed&) = default;
  friend bool operator==(const Fixed&, const Fixed&) = default;
};

// One tag a kind of id; `name` is how an error calls it.
struct LetterIdTag {
  static constexpr const char* name = "letter id";
};
struct EventIdTag {
  static constexpr const char* name = "event id";
};
struct CaseIdTag {
  static constexpr const char* name = "case id";
};
struct StrandIdTag {
  static constexpr const char* name = "strand id";
};
struct DigestTag {
  static constexpr const char* name = "digest";
};
struct CurveKeyTag {
  static constexpr const char* name = "CURVE public key";
};
struct FingerprintTag {
  static constexpr const char* name = "certificate fingerprint";
};
struct CommitmentTag {
  static constexpr const char* name = "key commitment";
};

using LetterId = Fixed<LetterIdTag, 16>;  ///< random, fresh each time a letter is sealed
using EventId = Fixed<EventIdTag, 16>;    ///< random, made by the author's node
using CaseId = Fixed<CaseIdTag, 16>;      ///< random; says nothing about the client
using StrandId =
    Fixed<StrandIdTag, 16>;  ///< a referral's or conversation's id; zero for core and own
using ReferralId = StrandId;
using Digest = Fixed<DigestTag, 32>;            ///< SHA-256
using Fingerprint = Fixed<FingerprintTag, 32>;  ///< SHA-256 of a certificate's DER
using Commitment = Fixed<CommitmentTag, 32>;    ///< SHA-256("liaison cek" || content key)
using CurveKey = Fixed<CurveKeyTag, 32>;        ///< a node's CURVE public key: its ZAP User-Id

/// A node's name on the exchange: 2 to 40 of a-z, 0-9 and '-', starting with a letter, not ending
/// in '-' (domain.md: `jcp-leeds`). Default-constructed: none.
class NodeId {
 public:
  NodeId() = default;
  static Result<NodeId> parse(std::string_view text);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
  friend bool operator==(const NodeId&, const NodeId&) = default;

 private:
  explicit NodeId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace liaison

template <class Tag, std::size_t N>
struct std::hash<liaison::Fixed<Tag, N>> {
  std::size_t operator()(const liaison::Fixed<Tag, N>& value) const noexcept {
    // Ids and digests are random or hashes already; a peer who chooses ids gains one slow bucket
    // of its own making at most, because senders' quotas bound how many it may have waiting.
    std::size_t out = 0;
    std::memcpy(&out, value.octets.data(), sizeof out);
    return out;
  }
};
template <>
struct std::hash<liaison::NodeId> {
  std::size_t operator()(const liaison::NodeId& value) const noexcept {
    return std::hash<std::string>{}(value.text());
  }
};
