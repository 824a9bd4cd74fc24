#pragma once

#include <string>
#include <vector>

#include "base/check.h"
#include "broker/core/core.h"

/// An exchange for tests of the core: nodes by name, made-up certificates, a clock that is moved by
/// hand.
namespace liaison::broker::testing {

template <class T>
T filled(std::uint64_t number) {
  T out;
  for (std::size_t at = 0; at < 8; ++at)
    out.octets[at] = static_cast<std::uint8_t>(number >> (8 * at));
  out.octets[T::size - 1] = 0x5a;
  return out;
}

inline NodeId node_id(std::string_view text) {
  auto node = NodeId::parse(text);
  LIAISON_CHECK(node.has_value());
  return *node;
}

class Exchange {
 public:
  explicit Exchange(Limits limits = {}) : core(limits) { (void)core.loaded(0, 0, now); }

  /// Admits a node with a sealing certificate; its CURVE key is curve_of(name).
  void admit(std::string_view name, NodeRole role = NodeRole::adviser) {
    (void)step(EntryMade{signing(name, role, wire::IssueReason::joined, ++issued_)});
    (void)step(EntryMade{sealing(name, ++issued_)});
  }
  CheckedEntry signing(std::string_view name, NodeRole role, wire::IssueReason reason,
                       std::uint64_t number) {
    SigningFacts facts;
    facts.node = node_id(name);
    facts.organisation = std::string(name);
    facts.role = role;
    facts.curve = curve_of(name);
    facts.fingerprint = filled<Fingerprint>(number);
    facts.serial = {static_cast<std::uint8_t>(number)};
    facts.not_before = now.wall;
    facts.not_after = now.wall + std::chrono::hours(24 * 90);
    facts.reason = reason;
    if (auto known = core.registry().find(facts.node); known)
      facts.previous = core.registry().node(*known).current().facts.fingerprint;
    facts.certificate = {1, static_cast<std::uint8_t>(number)};
    return {wire::EntryKind::signing_certificate, facts.certificate, filled<Digest>(number), facts};
  }
  CheckedEntry sealing(std::string_view name, std::uint64_t number) {
    const auto owner = core.registry().find(node_id(name));
    SealingFacts facts{node_id(name), filled<Fingerprint>(number),
                       core.registry().node(*owner).current().facts.fingerprint, now.wall,
                       now.wall + std::chrono::hours(24 * 60) + Duration(number)};
    return {wire::EntryKind::sealing_certificate,
            {2, static_cast<std::uint8_t>(number)},
            filled<Digest>(number),
            facts};
  }
  CheckedEntry revocation(std::uint64_t number, std::vector<std::string_view> names) {
    RevocationFacts facts{number, {}};
    for (auto name : names)
      facts.serials.push_back(core.registry().node(number_of(name)).current().facts.serial);
    return {wire::EntryKind::revocation_list,
            {3, static_cast<std::uint8_t>(number)},
            filled<Digest>(1000 + number),
            facts};
  }
  std::uint64_t next_number() { return ++issued_; }

  static CurveKey curve_of(std::string_view name) {
    return filled<CurveKey>(std::hash<std::string_view>{}(name));
  }
  NodeNumber number_of(std::string_view name) const { return *core.registry().find(node_id(name)); }

  wire::Hello hello(std::string_view name) const {
    wire::Hello out;
    out.node = node_id(name);
    out.clock = now.wall;
    out.incarnation = 0;
    out.credit_letters = 100;
    out.credit_bytes = 1 << 20;
    return out;
  }
  Decision connect(std::string_view name, std::uint64_t connection) {
    return step(HelloCame{ConnectionId{connection}, curve_of(name), hello(name)});
  }

  CheckedLetter letter(std::string_view from, std::string_view to, std::uint64_t number,
                       std::size_t bytes = 100) const {
    CheckedLetter out;
    out.letter.id = filled<LetterId>(number);
    out.letter.sender = node_id(from);
    out.letter.recipient = node_id(to);
    if (auto recipient = core.registry().find(out.letter.recipient);
        recipient && !core.registry().node(*recipient).sealing.empty())
      out.letter.sealing_key = core.registry().node(*recipient).sealing.back().fingerprint;
    out.letter.commitment = filled<Commitment>(number + 7);
    out.letter.expires = now.wall + std::chrono::hours(24 * 7);
    out.letter.sealed.assign(bytes, static_cast<std::uint8_t>(number));
    out.digest = filled<Digest>(number + 5'000'000);
    return out;
  }
  Decision submit(std::uint64_t connection, std::vector<CheckedLetter> letters) {
    return step(LettersCame{ConnectionId{connection}, std::move(letters)});
  }

  Decision step(Event event) { return core.step(now, std::move(event)); }
  Decision settle() { return core.settle(now); }
  void pass(Duration time) {
    now.wall += time;
    now.steady += time;
  }
  void jump(Duration time) { now.wall += time; }

  Now now{from_ms(1'800'000'000'000), Duration(1'000'000)};
  Core core;

 private:
  std::uint64_t issued_ = 0;
};

/// The frames of one kind in a decision, in order.
template <class T>
std::vector<T> frames(const Decision& decision) {
  std::vector<T> out;
  for (const auto& send : decision.sends)
    if (const auto* frame = std::get_if<SendFrame>(&send))
      if (const auto* wanted = std::get_if<T>(&frame->frame)) out.push_back(*wanted);
  return out;
}
template <class T>
std::vector<T> sends(const Decision& decision) {
  std::vector<T> out;
  for (const auto& send : decision.sends)
    if (const auto* wanted = std::get_if<T>(&send)) out.push_back(*wanted);
  return out;
}
template <class T>
std::vector<T> writes(const Decision& decision) {
  std::vector<T> out;
  for (const auto& write : decision.writes)
    if (const auto* wanted = std::get_if<T>(&write)) out.push_back(*wanted);
  return out;
}
inline std::vector<wire::GoodbyeReason> goodbyes(const Decision& decision) {
  std::vector<wire::GoodbyeReason> out;
  for (const auto& each : frames<wire::Goodbye>(decision))
    out.push_back(each.reason);
  return out;
}
inline std::vector<wire::RefusalReason> reasons(const Decision& decision) {
  std::vector<wire::RefusalReason> out;
  for (const auto& list : frames<std::vector<wire::Refused>>(decision))
    for (const auto& each : list)
      out.push_back(each.reason);
  return out;
}

}  // namespace liaison::broker::testing
