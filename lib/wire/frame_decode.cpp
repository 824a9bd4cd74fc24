#include <link.capnp.h>

#include <algorithm>
#include <functional>

#include "wire/capnp_io.h"
#include "wire/frame.h"

namespace liaison::wire {
namespace {

using io::read_bytes;
using io::read_duration;
using io::read_id;
using io::read_id_or_zero;
using io::read_list;
using io::read_node;
using io::read_text;
using io::read_time;
using io::require;

Meaning read_meaning(schema::Meaning meaning) {
  require(meaning <= schema::Meaning::FINAL, "an unknown meaning");
  return static_cast<Meaning>(meaning);
}

/// A later version's reason is read as the one of ours that asks the same of the sender.
RefusalReason read_reason(schema::RefusalReason reason, Meaning meaning) {
  if (reason <= schema::RefusalReason::NO_SUCH_KEY) return static_cast<RefusalReason>(reason);
  switch (meaning) {
    case Meaning::retry:
      return RefusalReason::busy;
    case Meaning::reseal:
      return RefusalReason::key_replaced;
    case Meaning::final_:
      return RefusalReason::not_permitted;
  }
  return RefusalReason::not_permitted;
}

Letter read_letter(schema::Letter::Reader from) {
  return {read_id<LetterId>(from.getId(), "a letter's id"),
          read_node(from.getSender(), "a letter's sender"),
          read_node(from.getRecipient(), "a letter's recipient"),
          read_id<Fingerprint>(from.getSealingKey(), "a letter's sealing key"),
          read_id<Commitment>(from.getCommitment(), "a letter's commitment"),
          read_time(from.getExpires(), "a letter's expiry"),
          read_bytes(from.getSealed(), letter_bytes_max, "a letter's sealed bytes")};
}

Report read_report(schema::Report::Reader from) {
  Meaning meaning = read_meaning(from.getMeaning());
  return {read_id<LetterId>(from.getLetter(), "a report's letter"),
          read_node(from.getRecipient(), "a report's recipient"),
          read_reason(from.getReason(), meaning), meaning,
          read_time(from.getAt(), "a report's time")};
}

Frame read_hello(schema::Hello::Reader from) {
  Hello hello;
  hello.version_min = from.getVersionMin();
  hello.version_max = from.getVersionMax();
  hello.node = read_node(from.getNode(), "a hello's node");
  hello.incarnation = from.getIncarnation();
  hello.epoch = from.getEpoch();
  hello.registry_size = from.getRegistrySize();
  hello.clock = read_time(from.getClock(), "a hello's clock");
  hello.software = read_text(from.getSoftware(), 64, "a hello's software");
  hello.credit_letters = from.getCreditLetters();
  hello.credit_bytes = from.getCreditBytes();
  return hello;
}

Frame read_welcome(schema::Welcome::Reader from) {
  Welcome welcome;
  welcome.version = from.getVersion();
  welcome.epoch = from.getEpoch();
  welcome.incarnation = from.getIncarnation();
  welcome.registry_size = from.getRegistrySize();
  welcome.clock = read_time(from.getClock(), "a welcome's clock");
  welcome.letter_bytes_max = from.getLetterBytesMax();
  welcome.letters_waiting_max = from.getLettersWaitingMax();
  welcome.expiry_max = read_duration(from.getExpiryMax(), "a welcome's longest expiry");
  welcome.recovering = from.getRecovering();
  welcome.certificate =
      read_bytes(from.getCertificate(), certificate_bytes_max, "a welcome's certificate");
  return welcome;
}

template <class Value, class List, class Read>
Frame read_all(List list, std::size_t count_max, Read read) {
  std::vector<Value> out;
  auto checked = read_list(list, count_max, "a list is longer than a frame may carry");
  out.reserve(checked.size());
  for (auto from : checked)
    out.push_back(read(from));
  return out;
}

Accepted read_accepted(schema::Accepted::Reader from) {
  return {read_id<LetterId>(from.getLetter(), "accepted: letter"), from.getLeaf(),
          read_time(from.getAt(), "accepted: time")};
}

Refused read_refused(schema::Refused::Reader from) {
  Refused refused;
  auto letter = from.getLetter();
  if (letter.size() > 0) refused.letter = read_id<LetterId>(letter, "refused: letter");
  refused.meaning = read_meaning(from.getMeaning());
  refused.reason = read_reason(from.getReason(), refused.meaning);
  refused.retry_after = Duration(from.getRetryAfter());
  refused.text = read_text(from.getText(), text_line_max, "refused: text");
  return refused;
}

Delivery read_delivery(schema::Delivery::Reader from) {
  Delivery delivery;
  delivery.sequence = from.getSequence();
  delivery.accepted_at = read_time(from.getAcceptedAt(), "a delivery's time");
  if (from.getLeaf() >= 0) delivery.leaf = static_cast<std::uint64_t>(from.getLeaf());
  switch (from.which()) {
    case schema::Delivery::LETTER:
      delivery.item = read_letter(from.getLetter());
      return delivery;
    case schema::Delivery::REPORT:
      delivery.item = read_report(from.getReport());
      return delivery;
  }
  throw io::Malformed{Reason::unsupported, "a delivery of a later version"};
}

Taken read_taken(schema::Taken::Reader from) {
  return {from.getSequence(), read_id<LetterId>(from.getLetter(), "taken: letter")};
}

SetAside read_set_aside(schema::SetAside::Reader from) {
  return {from.getSequence(), read_id<LetterId>(from.getLetter(), "set aside: letter"),
          read_reason(from.getReason(), Meaning::final_)};
}

/// Who could not read the list of who was shut out would learn of nothing after it either.
std::size_t body_bytes_max(schema::EntryKind kind) {
  return kind == schema::EntryKind::REVOCATION_LIST ? published_list_bytes_max
                                                    : publication_bytes_max;
}

Publication read_publication(schema::Publication::Reader from) {
  return {static_cast<EntryKind>(from.getKind()),
          read_bytes(from.getBody(), body_bytes_max(from.getKind()), "a publication's body")};
}

Published read_published(schema::Published::Reader from) {
  Published published{read_id<Digest>(from.getDigest(), "published: digest"), std::uint64_t(0)};
  switch (from.which()) {
    case schema::Published::INDEX:
      published.result = from.getIndex();
      return published;
    case schema::Published::REFUSED:
      published.result = read_text(from.getRefused(), text_line_max, "published: text");
      return published;
  }
  throw io::Malformed{Reason::unsupported, "an answer of a later version"};
}

RegistryEntry read_entry(schema::RegistryEntry::Reader from) {
  return {static_cast<EntryKind>(from.getKind()),
          read_time(from.getAt(), "a registry entry's time"),
          read_bytes(from.getBody(), body_bytes_max(from.getKind()), "a registry entry's body")};
}

Frame read_entries(schema::Entries::Reader from) {
  Entries entries{from.getFirst(), from.getSize(), {}};
  auto list =
      read_list(from.getEntries(), entries_per_frame_max, "more entries than a frame may carry");
  entries.entries.reserve(list.size());
  for (auto entry : list)
    entries.entries.push_back(read_entry(entry));
  return entries;
}

Frame read_renewal(schema::Renewal::Reader from) {
  return Renewal{read_bytes(from.getRequest(), certificate_bytes_max, "a renewal's request"),
                 read_id<Fingerprint>(from.getPrevious(), "a renewal's previous certificate"),
                 read_bytes(from.getContinuity(), 128, "a renewal's continuity")};
}

Frame read_renewed(schema::Renewed::Reader from) {
  switch (from.which()) {
    case schema::Renewed::CERTIFICATE:
      return Renewed{
          read_bytes(from.getCertificate(), certificate_bytes_max, "a renewed certificate")};
    case schema::Renewed::PENDING:
      return Renewed{RenewalPending{}};
    case schema::Renewed::REFUSED:
      return Renewed{read_text(from.getRefused(), text_line_max, "renewed: text")};
  }
  throw io::Malformed{Reason::unsupported, "an answer of a later version"};
}

Frame read_goodbye(schema::Goodbye::Reader from) {
  auto reason = from.getReason();
  if (reason > schema::GoodbyeReason::RENEW_ONLY) reason = schema::GoodbyeReason::STOPPING;
  return Goodbye{static_cast<GoodbyeReason>(reason),
                 read_text(from.getText(), text_line_max, "goodbye: text")};
}

template <class List>
std::vector<std::uint64_t> read_numbers(List from, std::size_t count_max, const char* what) {
  const auto list = read_list(from, count_max, what);
  std::vector<std::uint64_t> out(list.size());
  std::copy(list.begin(), list.end(), out.begin());
  return out;
}

std::vector<Digest> read_hashes(capnp::Data::Reader from, std::size_t count_max, const char* what) {
  require(from.size() % Digest::size == 0 && from.size() / Digest::size <= count_max, what);
  std::vector<Digest> out(from.size() / Digest::size);
  for (std::size_t i = 0; i < out.size(); ++i)
    std::copy_n(from.begin() + i * Digest::size, Digest::size, out[i].octets.begin());
  return out;
}

template <class List>
std::vector<Beginning> read_beginnings(List from) {
  std::vector<Beginning> out;
  for (auto each : read_list(from, older_per_prove_max, "more older sizes than may be asked for"))
    out.push_back({each.getSize(), read_hashes(each.getConsistency(), consistency_hashes_max,
                                               "a proof of consistency")});
  return out;
}

Frame read_prove(schema::Prove::Reader from) {
  Prove out;
  out.epoch = from.getEpoch();
  out.from = from.getFrom();
  out.leaves = read_numbers(from.getLeaves(), leaves_per_prove_max, "prove: leaves");
  require(std::adjacent_find(out.leaves.begin(), out.leaves.end(), std::greater_equal<>()) ==
              out.leaves.end(),
          "prove: leaves are not sorted");
  out.older_message = read_numbers(from.getOlderMessage(), older_per_prove_max, "prove: older");
  out.older_registry = read_numbers(from.getOlderRegistry(), older_per_prove_max, "prove: older");
  return out;
}

Frame read_proofs(schema::Proofs::Reader from) {
  Proofs out;
  out.registry_checkpoint =
      read_text(from.getRegistryCheckpoint(), checkpoint_bytes_max, "proofs: registry checkpoint");
  out.message_checkpoint =
      read_text(from.getMessageCheckpoint(), checkpoint_bytes_max, "proofs: message checkpoint");
  out.from = from.getFrom();
  out.leaves = read_numbers(from.getLeaves(), leaves_per_prove_max, "proofs: leaves");
  out.growth = read_hashes(from.getGrowth(), growth_hashes_max, "proofs: growth");
  out.older_message = read_beginnings(from.getOlderMessage());
  out.older_registry = read_beginnings(from.getOlderRegistry());
  out.cosign = from.getCosign();
  return out;
}

Frame read_cosigned(schema::Cosigned::Reader from) {
  return Cosigned{from.getEpoch(), from.getRegistrySize(),
                  read_text(from.getRegistry(), cosignature_bytes_max, "cosigned: registry"),
                  from.getMessageSize(),
                  read_text(from.getMessage(), cosignature_bytes_max, "cosigned: message")};
}

Frame read_frame(schema::Frame::Reader from) {
  switch (from.which()) {
    case schema::Frame::HELLO:
      return read_hello(from.getHello());
    case schema::Frame::WELCOME:
      return read_welcome(from.getWelcome());
    case schema::Frame::SUBMIT:
      return read_all<Letter>(from.getSubmit(), letters_per_frame_max, read_letter);
    case schema::Frame::ACCEPTED:
      return read_all<Accepted>(from.getAccepted(), answers_per_frame_max, read_accepted);
    case schema::Frame::REFUSED:
      return read_all<Refused>(from.getRefused(), answers_per_frame_max, read_refused);
    case schema::Frame::CREDIT: {
      auto credit = from.getCredit();
      return Credit{credit.getLetters(), credit.getBytes()};
    }
    case schema::Frame::DELIVER:
      return read_all<Delivery>(from.getDeliver(), letters_per_frame_max, read_delivery);
    case schema::Frame::TAKEN:
      return read_all<Taken>(from.getTaken(), answers_per_frame_max, read_taken);
    case schema::Frame::SET_ASIDE:
      return read_all<SetAside>(from.getSetAside(), answers_per_frame_max, read_set_aside);
    case schema::Frame::PUBLISH:
      return read_all<Publication>(from.getPublish(), publications_per_frame_max, read_publication);
    case schema::Frame::PUBLISHED:
      return read_all<Published>(from.getPublished(), publications_per_frame_max, read_published);
    case schema::Frame::SINCE:
      return Since{from.getSince().getIndex()};
    case schema::Frame::ENTRIES:
      return read_entries(from.getEntries());
    case schema::Frame::RENEW:
      return read_renewal(from.getRenew());
    case schema::Frame::RENEWED:
      return read_renewed(from.getRenewed());
    case schema::Frame::GOODBYE:
      return read_goodbye(from.getGoodbye());
    case schema::Frame::PROVE:
      return read_prove(from.getProve());
    case schema::Frame::PROOFS:
      return read_proofs(from.getProofs());
    case schema::Frame::COSIGNED:
      return read_cosigned(from.getCosigned());
  }
  return UnknownFrame{static_cast<std::uint16_t>(from.which())};
}

}  // namespace

Result<Frame> decode_frame(ByteView bytes) {
  if (bytes.size() > frame_bytes_max) return fail(Reason::too_large, "a frame is at most 1 MiB");
  return io::decode<schema::Frame>(bytes, "frame", read_frame);
}

}  // namespace liaison::wire
