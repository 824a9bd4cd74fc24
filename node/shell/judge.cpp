#include "base/deliberate_bug.h"
#include "casework/attachments.h"
#include "crypto/seal.h"
#include "node/shell/door.h"

/// Letters: opened, checked, judged (docs/ARCHITECTURE, "Events and letters", 4).
namespace liaison::node {
namespace {

JudgedLetter aside(const char* why) {
  JudgedLetter out;
  out.judgement = Judgement::set_aside;
  out.why = why;
  return out;
}

JudgedLetter hold(Need need, const char* why) {
  JudgedLetter out;
  out.judgement = Judgement::hold;
  out.need = need;
  out.why = why;
  return out;
}

/// Documents beyond what a referral may have. By the event alone, so that all decide alike; those
/// that are added later are for the strand's decider to refuse (casework/settle.cpp).
bool describes_too_much(const wire::Event& event) {
  const auto* request = std::get_if<wire::events::Requested>(&event.body);
  return request != nullptr && !casework::check_attachments(request->attachments);
}

/// What no fold can see: who an author is on the exchange, and who was shut out of it. Why the
/// event is not its author's to make; null: it is.
const char* may_not_say(const wire::Event& event, const SigningFact& author, const NodeId& self,
                        const Peers& peers) {
  namespace ev = wire::events;
  const bool opens = std::holds_alternative<ev::CaseOpened>(event.body) ||
                     std::holds_alternative<ev::Requested>(event.body);
  if (opens && author.role != NodeRole::adviser)
    return "an event in it opens a case or requests a referral, and its author is no office";
  // Only what this node decides could be meant.
  const auto* own = peers.newest(self);
  if (std::holds_alternative<ev::DeciderTakenOver>(event.body) && own != nullptr &&
      own->role == NodeRole::provider && !peers.was_shut_out(self))
    return "an event in it takes a referral over from this node, which was not shut out";
  return nullptr;
}

}  // namespace

JudgedLetter Door::judge(const Arrived& arrived, const NodeId& self,
                         const std::map<Fingerprint, SealingPair>& keys, const Peers& peers,
                         Now now, bool calm) {
  const auto& letter = arrived.letter;
  auto key = keys.find(letter.sealing_key);
  if (key == keys.end()) {
    auto out = aside(
        "it was sealed to a key that this node does not have any more; its sender seals it anew");
    out.reason = wire::RefusalReason::no_such_key;
    out.key_is_here = false;
    return out;
  }
  auto opened = crypto::open(letter.sealed, key->second.key, key->second.certificate,
                             letter.commitment, &parsed_);
  if (!opened) return aside("it could not be decrypted and verified");
  auto content = wire::decode_content(opened->content);
  if (!content) {
    if (content.error().reason == Reason::unsupported)
      return hold(Need::time, "it is of a later version than this program");
    return aside("what is inside is malformed");
  }
  bool names_agree =
      content->letter == letter.id && content->recipient == self && letter.recipient == self;
  bool sender_agrees = content->sender == letter.sender || LIAISON_BUG(trust_envelope_sender);
  if (!names_agree || !sender_agrees)
    return aside("what is inside was not meant for this envelope");
  switch (peers.signer_of_letter(opened->signer.fingerprint(), content->sender, arrived.accepted_at,
                                 now.wall)) {
    case Standing::unknown:
      return hold(Need::registry, "its signer's certificate is not in the registry here yet");
    case Standing::unlogged:
      return hold(Need::registry, "its signer's certificate is not shown to be in the log yet");
    case Standing::contested:
      return aside("its sender says that the certificate that signed it is not its own");
    case Standing::unproven: {
      auto out = hold(Need::registry, "its sender changed keys without proof: confirm the new key");
      // What stands between it and its key of before may be what they are about.
      out.content.sender = content->sender;
      out.content.key_alarms = std::move(content->key_alarms);
      return out;
    }
    case Standing::revoked:
      return aside("its sender's certificate was revoked");
    case Standing::another_node:
      return aside("it was signed by another node than it names");
    case Standing::good:
      break;
  }
  // Either clock may be wrong; it must hold by the exchange's when it was accepted, or by ours. One
  // whose time has not begun is in the registry all the same: it was issued while the exchange's
  // clock was ahead, or ours is behind, and nobody gains by waiting weeks for it. Once clocks were
  // set, nobody renews for a day: until then one that ended meanwhile is all that its node has.
  const auto& signer = opened->signer;
  const bool begun = now.wall >= signer.not_before();
  if (begun && !calm && !signer.valid_at(arrived.accepted_at) && !signer.valid_at(now.wall))
    return aside("its signer's certificate had ended");
  if (std::holds_alternative<wire::UnknownMatter>(content->matter))
    return hold(Need::time, "it is of a kind that this version does not know");

  JudgedLetter out;
  out.judgement = Judgement::store;
  out.content = std::move(*content);
  out.content_key = std::move(opened->content_key);
  if (LIAISON_BUG(trust_envelope_sender)) out.content.sender = letter.sender;
  if (const auto* events = std::get_if<std::vector<wire::SignedEvent>>(&out.content.matter))
    judge_events(out, *events, self, peers, now);
  return out;
}

bool Door::judge_events(JudgedLetter& judged, const std::vector<wire::SignedEvent>& events,
                        const NodeId& self, const Peers& peers, Now now) {
  for (const auto& each : events) {
    auto event = wire::decode_event(each.body);
    if (!event) {
      judged = event.error().reason == Reason::unsupported
                   ? hold(Need::time, "an event in it is of a later version than this program")
                   : aside("an event in it is malformed");
      return false;
    }
    if (describes_too_much(*event)) {
      judged = aside("an event in it describes more documents than a referral may have");
      return false;
    }
    const auto standing =
        peers.signer_of_event(each.certificate, event->author, event->at, now.wall);
    switch (standing) {
      case Standing::unknown:
        judged = hold(Need::registry, "an event's author is not in the registry here yet");
        return false;
      case Standing::unlogged:
        judged = hold(Need::registry, "an event's author is not shown to be in the log yet");
        return false;
      case Standing::contested:
        judged = aside("an event's author says that the certificate that signed it is another's");
        return false;
      case Standing::unproven:
        judged = hold(Need::registry,
                      "an event's author changed keys without proof: confirm the new key");
        return false;
      case Standing::another_node:
        judged = aside("an event in it is signed by another node than its author");
        return false;
      case Standing::revoked:
      case Standing::good:
        break;
    }
    const auto* author = certificate(each.certificate);
    bool holds = author != nullptr && author->public_key().verify(
                                          wire::signed_bytes_of_event(each.body), each.signature);
    if (!holds && !LIAISON_BUG(ignore_event_signature)) {
      judged = aside("an event's signature does not hold");
      return false;
    }
    if (const char* why = may_not_say(*event, *peers.signing(each.certificate), self, peers)) {
      judged = aside(why);
      return false;
    }
    auto& to = standing == Standing::revoked ? judged.disbelieved : judged.events;
    to.push_back(VerifiedEvent(std::move(*event), each));
  }
  return true;
}

}  // namespace liaison::node
