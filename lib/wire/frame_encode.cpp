#include <link.capnp.h>

#include "base/check.h"
#include "wire/capnp_io.h"
#include "wire/frame.h"

namespace liaison::wire {
namespace {

using io::to_kj;
using io::to_text;

template <class List, class Values, class Fill>
void fill_list(List list, const Values& values, Fill fill) {
  for (unsigned i = 0; i < values.size(); ++i)
    fill(list[i], values[i]);
}

unsigned count_of(std::size_t count, std::size_t count_max) {
  LIAISON_CHECK(count <= count_max);
  return static_cast<unsigned>(count);
}

void fill_letter(schema::Letter::Builder out, const Letter& letter) {
  out.setId(to_kj(letter.id.view()));
  out.setSender(to_text(letter.sender.text()));
  out.setRecipient(to_text(letter.recipient.text()));
  out.setSealingKey(to_kj(letter.sealing_key.view()));
  out.setCommitment(to_kj(letter.commitment.view()));
  out.setExpires(to_ms(letter.expires));
  out.setSealed(to_kj(letter.sealed));
}

void fill_report(schema::Report::Builder out, const Report& report) {
  out.setLetter(to_kj(report.letter.view()));
  out.setRecipient(to_text(report.recipient.text()));
  out.setReason(static_cast<schema::RefusalReason>(report.reason));
  out.setMeaning(static_cast<schema::Meaning>(report.meaning));
  out.setAt(to_ms(report.at));
}

template <class List>
void fill_numbers(List to, const std::vector<std::uint64_t>& numbers) {
  for (unsigned i = 0; i < numbers.size(); ++i)
    to.set(i, numbers[i]);
}

capnp::Data::Reader hashes(const std::vector<Digest>& from, Bytes& room) {
  room.clear();
  for (const auto& each : from)
    room.insert(room.end(), each.octets.begin(), each.octets.end());
  return to_kj(room);
}

template <class List>
void fill_beginnings(List to, const std::vector<Beginning>& from) {
  Bytes room;
  for (unsigned i = 0; i < from.size(); ++i) {
    to[i].setSize(from[i].size);
    to[i].setConsistency(hashes(from[i].consistency, room));
  }
}

struct Fill {
  schema::Frame::Builder out;

  void operator()(const Hello& hello) {
    auto to = out.initHello();
    to.setVersionMin(hello.version_min);
    to.setVersionMax(hello.version_max);
    to.setNode(to_text(hello.node.text()));
    to.setIncarnation(hello.incarnation);
    to.setEpoch(hello.epoch);
    to.setRegistrySize(hello.registry_size);
    to.setClock(to_ms(hello.clock));
    to.setSoftware(to_text(hello.software));
    to.setCreditLetters(hello.credit_letters);
    to.setCreditBytes(hello.credit_bytes);
  }
  void operator()(const Welcome& welcome) {
    auto to = out.initWelcome();
    to.setVersion(welcome.version);
    to.setEpoch(welcome.epoch);
    to.setIncarnation(welcome.incarnation);
    to.setRegistrySize(welcome.registry_size);
    to.setClock(to_ms(welcome.clock));
    to.setLetterBytesMax(welcome.letter_bytes_max);
    to.setLettersWaitingMax(welcome.letters_waiting_max);
    to.setExpiryMax(welcome.expiry_max.count());
    to.setRecovering(welcome.recovering);
    to.setCertificate(to_kj(welcome.certificate));
  }
  void operator()(const std::vector<Letter>& letters) {
    fill_list(out.initSubmit(count_of(letters.size(), letters_per_frame_max)), letters,
              fill_letter);
  }
  void operator()(const std::vector<Accepted>& answers) {
    fill_list(out.initAccepted(count_of(answers.size(), answers_per_frame_max)), answers,
              [](schema::Accepted::Builder to, const Accepted& accepted) {
                to.setLetter(to_kj(accepted.letter.view()));
                to.setLeaf(accepted.leaf);
                to.setAt(to_ms(accepted.at));
              });
  }
  void operator()(const std::vector<Refused>& answers) {
    fill_list(out.initRefused(count_of(answers.size(), answers_per_frame_max)), answers,
              [](schema::Refused::Builder to, const Refused& refused) {
                if (refused.letter) to.setLetter(to_kj(refused.letter->view()));
                to.setReason(static_cast<schema::RefusalReason>(refused.reason));
                to.setMeaning(static_cast<schema::Meaning>(refused.meaning));
                to.setRetryAfter(static_cast<std::uint32_t>(refused.retry_after.count()));
                to.setText(to_text(refused.text));
              });
  }
  void operator()(const Credit& credit) {
    auto to = out.initCredit();
    to.setLetters(credit.letters);
    to.setBytes(credit.bytes);
  }
  void operator()(const std::vector<Delivery>& deliveries) {
    fill_list(out.initDeliver(count_of(deliveries.size(), letters_per_frame_max)), deliveries,
              [](schema::Delivery::Builder to, const Delivery& delivery) {
                to.setSequence(delivery.sequence);
                to.setAcceptedAt(to_ms(delivery.accepted_at));
                if (const auto* letter = std::get_if<Letter>(&delivery.item)) {
                  fill_letter(to.initLetter(), *letter);
                } else {
                  fill_report(to.initReport(), std::get<Report>(delivery.item));
                }
                if (delivery.leaf) to.setLeaf(static_cast<std::int64_t>(*delivery.leaf));
              });
  }
  void operator()(const std::vector<Taken>& answers) {
    fill_list(out.initTaken(count_of(answers.size(), answers_per_frame_max)), answers,
              [](schema::Taken::Builder to, const Taken& taken) {
                to.setSequence(taken.sequence);
                to.setLetter(to_kj(taken.letter.view()));
              });
  }
  void operator()(const std::vector<SetAside>& answers) {
    fill_list(out.initSetAside(count_of(answers.size(), answers_per_frame_max)), answers,
              [](schema::SetAside::Builder to, const SetAside& aside) {
                to.setSequence(aside.sequence);
                to.setLetter(to_kj(aside.letter.view()));
                to.setReason(static_cast<schema::RefusalReason>(aside.reason));
              });
  }
  void operator()(const std::vector<Publication>& publications) {
    fill_list(out.initPublish(count_of(publications.size(), publications_per_frame_max)),
              publications, [](schema::Publication::Builder to, const Publication& publication) {
                to.setKind(static_cast<schema::EntryKind>(publication.kind));
                to.setBody(to_kj(publication.body));
              });
  }
  void operator()(const std::vector<Published>& answers) {
    fill_list(out.initPublished(count_of(answers.size(), publications_per_frame_max)), answers,
              [](schema::Published::Builder to, const Published& published) {
                to.setDigest(to_kj(published.digest.view()));
                if (const auto* index = std::get_if<std::uint64_t>(&published.result)) {
                  to.setIndex(*index);
                } else {
                  to.setRefused(to_text(std::get<std::string>(published.result)));
                }
              });
  }
  void operator()(const Since& since) { out.initSince().setIndex(since.index); }
  void operator()(const Entries& entries) {
    auto to = out.initEntries();
    to.setFirst(entries.first);
    to.setSize(entries.size);
    fill_list(to.initEntries(count_of(entries.entries.size(), entries_per_frame_max)),
              entries.entries,
              [](schema::RegistryEntry::Builder entry_out, const RegistryEntry& entry) {
                entry_out.setKind(static_cast<schema::EntryKind>(entry.kind));
                entry_out.setAt(to_ms(entry.at));
                entry_out.setBody(to_kj(entry.body));
              });
  }
  void operator()(const Renewal& renewal) {
    auto to = out.initRenew();
    to.setRequest(to_kj(renewal.request));
    to.setPrevious(to_kj(renewal.previous.view()));
    to.setContinuity(to_kj(renewal.continuity));
  }
  void operator()(const Renewed& renewed) {
    auto to = out.initRenewed();
    if (const auto* certificate = std::get_if<Bytes>(&renewed.result)) {
      to.setCertificate(to_kj(*certificate));
    } else if (const auto* refused = std::get_if<std::string>(&renewed.result)) {
      to.setRefused(to_text(*refused));
    } else {
      to.setPending();
    }
  }
  void operator()(const Goodbye& goodbye) {
    auto to = out.initGoodbye();
    to.setReason(static_cast<schema::GoodbyeReason>(goodbye.reason));
    to.setText(to_text(goodbye.text));
  }
  void operator()(const Prove& prove) {
    auto to = out.initProve();
    to.setEpoch(prove.epoch);
    to.setFrom(prove.from);
    fill_numbers(to.initLeaves(count_of(prove.leaves.size(), leaves_per_prove_max)), prove.leaves);
    fill_numbers(to.initOlderMessage(count_of(prove.older_message.size(), older_per_prove_max)),
                 prove.older_message);
    fill_numbers(to.initOlderRegistry(count_of(prove.older_registry.size(), older_per_prove_max)),
                 prove.older_registry);
  }
  void operator()(const Proofs& proofs) {
    auto to = out.initProofs();
    to.setRegistryCheckpoint(to_text(proofs.registry_checkpoint));
    to.setMessageCheckpoint(to_text(proofs.message_checkpoint));
    to.setFrom(proofs.from);
    fill_numbers(to.initLeaves(count_of(proofs.leaves.size(), leaves_per_prove_max)),
                 proofs.leaves);
    Bytes room;
    LIAISON_CHECK(proofs.growth.size() <= growth_hashes_max);
    to.setGrowth(hashes(proofs.growth, room));
    fill_beginnings(to.initOlderMessage(count_of(proofs.older_message.size(), older_per_prove_max)),
                    proofs.older_message);
    fill_beginnings(
        to.initOlderRegistry(count_of(proofs.older_registry.size(), older_per_prove_max)),
        proofs.older_registry);
    to.setCosign(proofs.cosign);
  }
  void operator()(const Cosigned& cosigned) {
    auto to = out.initCosigned();
    to.setEpoch(cosigned.epoch);
    to.setRegistrySize(cosigned.registry_size);
    to.setRegistry(to_text(cosigned.registry));
    to.setMessageSize(cosigned.message_size);
    to.setMessage(to_text(cosigned.message));
  }
  void operator()(const UnknownFrame&) { LIAISON_CHECK(false && "an unknown frame is never sent"); }
};

}  // namespace

Bytes encode(const Frame& frame) {
  return io::encode<schema::Frame>(
      [&](schema::Frame::Builder out) { std::visit(Fill{out}, frame); });
}

std::size_t frame_cost(const Letter& letter) {
  return letter.sealed.size() + 320;
}

}  // namespace liaison::wire
