#include "intruder.h"

#include "crypto/profile.h"
#include "crypto/seal.h"
#include "node/shell/join.h"
#include "node/shell/keys.h"
#include "wire/event.h"
#include "wire/join.h"
#include "wire/mark.h"
#include "wire/registry.h"
#include "world.h"

namespace liaison::simulation {

Intruder::Intruder(World& world, NodeIndex index, Dice dice)
    : world_(world),
      index_(index),
      dice_(dice),
      id_(*NodeId::parse("intruder")),
      vault_(crypto::KeyVault::in_memory()),
      gives_credit_(dice_.chance(600)) {}

Instant Intruder::wall() const {
  return MachineClock::origin() + world_.timeline.now();
}

void Intruder::join() {
  broker::InviteOrder order;
  order.enrolment.node = id_;
  order.enrolment.organisation = "Gone bad (invented)";
  order.enrolment.role = NodeRole::provider;
  const auto request = node::prepare_join(vault_, world_.broker->invite(order));
  const auto answer = world_.broker->join(wire::encode(request), request.curve_key);
  const auto decoded = wire::decode_join_answer(answer.value());
  certificate_ = *crypto::Certificate::parse(std::get<wire::Joined>(decoded.value()).certificate);
  for (const auto& name : vault_.names()) {
    auto key = vault_.private_key(name);
    if (key && key->public_key() == certificate_->public_key()) signing_ = *key;
  }
  LIAISON_CHECK(signing_.has_value());
  curve_ = request.curve_key;
  world_.network.dial(index_);
}

std::optional<CurveKey> Intruder::dials() const {
  return curve_;
}

void Intruder::connected(const ConnectionRef& connection) {
  connection_ = connection;
  wire::Hello hello;
  hello.node = id_;
  hello.incarnation = 1;
  hello.clock = wall();
  hello.software = "unknown";
  hello.credit_letters = gives_credit_ ? 1000 : 0;
  hello.credit_bytes = std::uint64_t{1} << 30;
  say(wire::Frame(hello));
  say(wire::Frame(wire::Since{known_}));
}

void Intruder::closed() {
  connection_ = nullptr;
  world_.timeline.after(std::chrono::seconds(20), [this] { world_.network.dial(index_); });
}

void Intruder::frame(ByteView bytes) {
  const auto frame = wire::decode_frame(bytes);
  if (!frame) return;
  if (const auto* entries = std::get_if<wire::Entries>(&*frame)) {
    learn(*entries);
  } else if (const auto* deliveries = std::get_if<std::vector<wire::Delivery>>(&*frame)) {
    // It takes what it is sent and never says a word about it.
    std::vector<wire::Taken> taken;
    for (const auto& each : *deliveries) {
      const auto* letter = std::get_if<wire::Letter>(&each.item);
      taken.push_back({each.sequence,
                       letter != nullptr ? letter->id : std::get<wire::Report>(each.item).letter});
    }
    say(wire::Frame(taken));
    say(wire::Frame(wire::Credit{static_cast<std::uint32_t>(taken.size()), 1U << 20}));
  }
}

void Intruder::learn(const wire::Entries& entries) {
  for (std::size_t at = 0; at < entries.entries.size(); ++at) {
    const auto& entry = entries.entries[at];
    known_ = std::max<std::uint64_t>(known_, entries.first + at + 1);
    if (entry.kind == wire::EntryKind::signing_certificate) {
      const auto issued = wire::decode_issued_certificate(entry.body);
      const auto certificate =
          crypto::Certificate::parse(issued ? issued->certificate : entry.body);
      if (certificate) signers_.insert_or_assign(certificate->fingerprint(), *certificate);
    } else if (entry.kind == wire::EntryKind::revocation_list) {
      if (!first_list_) first_list_ = entry;
    } else if (entry.kind == wire::EntryKind::sealing_certificate) {
      const auto sealing = crypto::Certificate::parse(entry.body);
      if (!sealing) continue;
      for (const auto& [fingerprint, signer] : signers_) {
        const auto whose = crypto::check_sealing(*sealing, signer, sealing->not_before());
        if (whose) sealing_.insert_or_assign(*whose, *sealing);
      }
    }
  }
}

void Intruder::say(const wire::Frame& frame) {
  say(wire::encode(frame));
}

void Intruder::say(Bytes frame) {
  if (connection_) world_.network.send(connection_, Way::to_broker, std::move(frame));
}

NodeId Intruder::victim() {
  return world_.nodes[dice_.below(world_.nodes.size())]->id();
}

Bytes Intruder::sensible_frame() {
  switch (dice_.below(3)) {
    case 0:
      return wire::encode(wire::Frame(wire::Credit{3, 4096}));
    case 1:
      return wire::encode(
          wire::Frame(std::vector<wire::Taken>{{7, world_.entropy.fresh<LetterId>()}}));
    default:
      return wire::encode(wire::Frame(wire::Since{1}));
  }
}

bool Intruder::send_letter(wire::Content content, const std::string& spoil) {
  const auto to = content.recipient;
  const auto at = sealing_.find(to);
  if (at == sealing_.end()) return false;
  wire::Letter letter;
  letter.id = content.letter = world_.entropy.fresh<LetterId>();
  letter.sender = id_;
  letter.recipient = to;
  letter.sealing_key = at->second.fingerprint();
  letter.expires = wall() + std::chrono::hours(24);
  if (spoil == "sender inside") content.sender = victim();
  if (spoil == "recipient inside") content.recipient = id_;
  if (spoil == "id inside") content.letter = world_.entropy.fresh<LetterId>();
  auto sealed = crypto::seal(wire::encode(content), *signing_, *certificate_, at->second, wall());
  if (!sealed) return false;
  letter.commitment = sealed->commitment;
  letter.sealed = std::move(sealed->der);
  if (spoil == "commitment") letter.commitment.octets[0] ^= 1;
  if (spoil == "octets")
    letter.sealed[dice_.below(letter.sealed.size())] ^=
        static_cast<std::uint8_t>(1 + dice_.below(255));
  if (spoil == "envelope sender") letter.sender = victim();
  say(wire::Frame(std::vector<wire::Letter>{std::move(letter)}));
  return true;
}

wire::SignedEvent Intruder::forged_event(const NodeId& author) {
  wire::Event event;
  event.id = wire::marked(world_.entropy.fresh<EventId>(), author);
  event.author = author;
  event.incarnation = 1;
  event.user = "rowan";
  event.user_name = "Rowan Firth";
  event.user_role = wire::UserRole::caseworker;
  event.at = wall();
  event.number = static_cast<std::uint32_t>(dice_.between(1, 6));
  // Of a case that exists, as if it had been overheard.
  event.case_id = world_.entropy.fresh<CaseId>();
  event.strand.kind = wire::StrandKind::referral;
  event.strand.id = world_.entropy.fresh<ReferralId>();
  if (!world_.ledger.told.empty()) {
    const auto& known = world_.ledger.told[dice_.below(world_.ledger.told.size())].event;
    event.case_id = known.case_id;
    event.strand = known.strand;
  }
  if (dice_.chance(500)) {
    event.body = wire::events::Declined{};
  } else {
    event.body = wire::events::ManagerAllocated{{id_, "rowan", "Rowan Firth"}, "because"};
  }
  wire::SignedEvent out;
  out.body = wire::encode(event);
  out.signature = signing_->sign(wire::signed_bytes_of_event(out.body));
  out.certificate = certificate_->fingerprint();
  if (author != id_ && dice_.chance(500)) {
    for (const auto& [fingerprint, signer] : signers_) {
      const auto whose = crypto::read_signing(signer);
      if (whose && whose->node == author) out.certificate = fingerprint;
    }
  }
  return out;
}

bool Intruder::roll_back(NodeMachine& node) {
  const auto connection = world_.network.connection(node.index());
  if (!first_list_ || !connection) return false;
  std::uint64_t size = 0;
  if (!node.use([&](node::Engine& engine, Now now) { size = engine.status(now).registry_size; }))
    return false;
  node.lied_to = true;
  world_.network.send(connection, Way::to_node,
                      wire::encode(wire::Frame(wire::Entries{size, size + 1, {*first_list_}})));
  return true;
}

bool Intruder::forge_receipt(NodeMachine& node) {
  const auto connection = world_.network.connection(node.index());
  const auto sealing = sealing_.find(node.id());
  if (sealing == sealing_.end() || !connection) return false;
  // For a letter of that node which is not stored at its recipient.
  const auto open = world_.letters.not_stored(node.id());
  if (!open) return false;
  wire::Content content;
  content.letter = world_.entropy.fresh<LetterId>();
  content.sender = open->recipient;
  content.recipient = node.id();
  content.sealed_at = wall();
  content.incarnation = 1;
  content.matter = std::vector<wire::Receipt>{{open->letter, wire::Stage::stored, wall()}};
  auto sealed =
      crypto::seal(wire::encode(content), *signing_, *certificate_, sealing->second, wall());
  if (!sealed) return false;
  wire::Letter letter;
  letter.id = content.letter;
  letter.sender = content.sender;
  letter.recipient = node.id();
  letter.sealing_key = sealing->second.fingerprint();
  letter.commitment = sealed->commitment;
  letter.expires = wall() + std::chrono::hours(24);
  letter.sealed = std::move(sealed->der);
  const std::uint64_t sequence = 1'000'000'000 + dice_.below(1'000'000'000);
  world_.network.send(connection, Way::to_node,
                      wire::encode(wire::Frame(
                          std::vector<wire::Delivery>{{sequence, wall(), std::move(letter)}})));
  return true;
}

bool Intruder::publish_old_list() {
  if (!first_list_ || !connection_) return false;
  say(wire::Frame(
      std::vector<wire::Publication>{{wire::EntryKind::revocation_list, first_list_->body}}));
  return true;
}

bool Intruder::deliver_of_revoked(NodeMachine& revoked) {
  std::vector<wire::Letter> letters;
  revoked.use([&](node::Engine& engine, Now) {
    auto out = engine.database().prepare(
        "SELECT letter, recipient, sealing_key, commitment, expires, sealed FROM letter_out");
    for (auto rows = out.query(); rows.next();) {
      letters.push_back({});
      auto& letter = letters.back();
      letter.id = rows.id<LetterId>(0);
      letter.sender = revoked.id();
      letter.recipient = *NodeId::parse(rows.text(1));
      letter.sealing_key = rows.id<Fingerprint>(2);
      letter.commitment = rows.id<Commitment>(3);
      letter.expires = rows.instant(4);
      letter.sealed = copy_of(rows.blob(5));
    }
  });
  bool did = false;
  for (auto& letter : letters) {
    const auto* recipient = world_.node(letter.recipient);
    if (recipient == nullptr) continue;
    const auto connection = world_.network.connection(recipient->index());
    if (!connection) continue;
    // The number that it has, or what the honest part of the broker keeps would wait there.
    const auto sequence =
        world_.letters.sequence_of(letter.id).value_or(1'000'000'000 + dice_.below(1'000'000'000));
    world_.network.send(connection, Way::to_node,
                        wire::encode(wire::Frame(
                            std::vector<wire::Delivery>{{sequence, wall(), std::move(letter)}})));
    did = true;
  }
  return did;
}

std::string Intruder::attack() {
  if (!connection_ || !connection_->node_end) return {};
  wire::Content content;
  content.sender = id_;
  content.recipient = victim();
  content.sealed_at = wall();
  content.incarnation = 1;
  const auto letter = [&](const std::string& spoil, const std::string& name) {
    content.matter = std::vector<wire::SignedEvent>{forged_event(id_)};
    return send_letter(content, spoil) ? name : std::string();
  };
  switch (dice_.below(15)) {
    case 0: {
      Bytes garbage(dice_.below(3000));
      world_.entropy.fill(garbage);
      say(std::move(garbage));
      return "hostile: garbage";
    }
    case 1: {
      auto frame = sensible_frame();
      frame.resize(dice_.below(frame.size()));
      say(std::move(frame));
      return "hostile: frame cut short";
    }
    case 2: {
      auto frame = sensible_frame();
      frame[dice_.below(frame.size())] ^= static_cast<std::uint8_t>(1 + dice_.below(255));
      say(std::move(frame));
      return "hostile: frame damaged";
    }
    case 3: {
      auto frame = sensible_frame();
      frame[16] = 200;  // the union's tag: after the segment table and the root's pointer
      say(std::move(frame));
      return "hostile: unknown member";
    }
    case 4: {
      auto hello = wire::Hello{};
      hello.node = victim();
      hello.software = "unknown";
      say(wire::Frame(hello));
      return "hostile: another's hello";
    }
    case 5:
      return letter("sender inside", "hostile: sender forged inside");
    case 6:
      return letter("recipient inside", "hostile: letter passed on");
    case 7:
      return letter("commitment", "hostile: wrong commitment");
    case 8:
      return letter("octets", "hostile: sealed octets damaged");
    case 9:
      return letter("envelope sender", "hostile: sender forged outside");
    case 10:
    case 11: {
      content.matter = std::vector<wire::SignedEvent>{forged_event(victim())};
      return send_letter(content, "") ? "hostile: event forged" : "";
    }
    case 12:
      return letter("", "hostile: event out of place");
    case 13:
      return publish_old_list() ? "hostile: old list of revocations" : "";
    default: {
      wire::Publication publication;
      publication.kind = wire::EntryKind::listing;
      wire::Listing listing;
      listing.publisher = victim();
      listing.service = "taken-over";
      listing.version = 99;
      listing.open_referral = "{}";
      wire::SignedListing signed_listing;
      signed_listing.body = wire::encode(listing);
      signed_listing.signature = signing_->sign(wire::signed_bytes_of_listing(signed_listing.body));
      signed_listing.certificate = certificate_->fingerprint();
      publication.body = wire::encode(signed_listing);
      say(wire::Frame(std::vector<wire::Publication>{publication}));
      return "hostile: another's listing";
    }
  }
}

}  // namespace liaison::simulation
