#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "broker/core/facts.h"
#include "broker/core/ids.h"
#include "broker/core/limits.h"
#include "broker/core/policy.h"

/// All that can happen to a broker. One file of broker/core decides each.
namespace liaison::broker {

// From a connection. `peer` is the CURVE key that ZAP admitted, never what a payload says.
struct HelloCame {
  ConnectionId connection;
  CurveKey peer;
  wire::Hello hello;
};
struct LettersCame {
  ConnectionId connection;
  std::vector<CheckedLetter> letters;
};
struct CreditCame {
  ConnectionId connection;
  wire::Credit credit;
};
struct TakenCame {
  ConnectionId connection;
  std::vector<wire::Taken> taken;
};
struct SetAsideCame {
  ConnectionId connection;
  std::vector<wire::SetAside> set_aside;
};
struct SinceCame {
  ConnectionId connection;
  std::uint64_t index = 0;
};
/// One publication, checked by the door against the registry as it stands.
struct PublicationCame {
  ConnectionId connection;
  CheckedEntry entry;
};
/// One publication that needs no new entry: refused by the door, or said already.
struct PublicationAnswered {
  ConnectionId connection;
  wire::Published answer;
  std::string_view denied{};  ///< why it was refused, for the log; empty: it was not
};
/// A renewal that the authority granted (a registry entry of kind signing_certificate).
struct RenewalGranted {
  ConnectionId connection;
  CheckedEntry entry;
};
/// A renewal answered without a new entry: repeated, pending, refused.
struct RenewalAnswered {
  ConnectionId connection;
  wire::Renewed answer;
  std::string_view denied{};  ///< as above
};
struct ProveCame {
  ConnectionId connection;
  wire::Prove prove;
};
struct GoodbyeCame {
  ConnectionId connection;
};
/// Any frame but a hello, on a connection without a session.
struct EarlyFrameCame {
  ConnectionId connection;
};
/// A frame that could not be read, or that only a broker sends, or no single frame at all.
struct UnreadableCame {
  ConnectionId connection;
  CurveKey peer;
  std::string_view reason;  ///< for the log
};
/// A union member of a later version: counted, ignored.
struct UnknownCame {
  ConnectionId connection;
};
struct ConnectionClosed {
  ConnectionId connection;
};

// From the administrator, the authority, the clock.
/// Entries of the broker's own making: a certificate issued to who joined or rejoined, or signed
/// offline; a new revocation list; an act.
struct EntryMade {
  CheckedEntry entry;
  std::string why = {};  ///< of a new revocation list: what the nodes it shuts out are told
};
struct PolicySet {
  Policy policy;
};
/// A quota of one node, or of all that have none of their own; nothing returns to the default.
struct QuotaSet {
  std::optional<NodeId> node;
  std::optional<Quota> quota;
};
/// What a check of the whole store found.
struct StoreJudged {
  enum class As { sound, damaged } as = As::sound;
};
/// A deadline passed.
struct Woke {};
/// The daemon ends: every connection is told.
struct Stopping {};

using Event =
    std::variant<HelloCame, LettersCame, CreditCame, TakenCame, SetAsideCame, SinceCame,
                 PublicationCame, PublicationAnswered, RenewalGranted, RenewalAnswered, ProveCame,
                 GoodbyeCame, EarlyFrameCame, UnreadableCame, UnknownCame, ConnectionClosed,
                 EntryMade, PolicySet, QuotaSet, StoreJudged, Woke, Stopping>;

}  // namespace liaison::broker
