#include "bench/pair_run.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <stdexcept>
#include <thread>

#include "base/check.h"
#include "bench/proving.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "net/poller.h"
#include "wire/limits.h"

namespace liaison::bench {
namespace {

/// One sender's letters, and what is known of each.
struct Stream {
  Member* sender;
  Member* recipient;
  std::vector<wire::Letter> letters;  ///< sealed beforehand; empty when sealing is part of the run
  /// What the exchange logs of each, but for when.
  std::vector<wire::LogEntry> entries;
  std::unique_ptr<Proving> sender_proves, recipient_proves;
  std::vector<bool> seen;
  std::size_t count = 0;
  std::size_t sent = 0;
  std::size_t accepted = 0;
  std::size_t received = 0;
  std::size_t wrong = 0;
  std::unique_ptr<crypto::ChainCache> chains;  ///< the recipient's, as a node has them
  crypto::CertificateCache parsed;
};

wire::LogEntry entry_of(const wire::Letter& letter, const Digest& digest) {
  wire::LogEntry out;
  out.letter = letter.id;
  out.sender = letter.sender;
  out.recipient = letter.recipient;
  out.size_bytes = static_cast<std::uint32_t>(letter.sealed.size());
  out.digest = digest;
  out.commitment = letter.commitment;
  return out;
}

LetterId id_for(std::size_t stream, std::size_t number, Entropy& entropy) {
  auto id = entropy.fresh<LetterId>();
  auto write = [&](std::size_t at, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i)
      id.octets[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  write(8, stream);
  write(12, number);
  return id;
}

std::size_t number_of(const LetterId& id) {
  return std::size_t(id.octets[12]) | std::size_t(id.octets[13]) << 8 |
         std::size_t(id.octets[14]) << 16 | std::size_t(id.octets[15]) << 24;
}

wire::Letter envelope(const Stream& stream, const LetterId& id, crypto::Sealed sealed) {
  return {id,
          stream.sender->identity().node,
          stream.recipient->identity().node,
          stream.recipient->identity().sealing_certificate->fingerprint(),
          sealed.commitment,
          system_now().wall + std::chrono::hours(24),
          std::move(sealed.der)};
}

/// Content of which the sealed form has about `letter_bytes` octets; starts with the letter's id.
Bytes content_for(const LetterId& id, std::size_t letter_bytes) {
  Bytes content = id.bytes();
  content.resize(letter_bytes > 1400 ? letter_bytes - 1400 : 16, 0x5A);
  return content;
}

crypto::Sealed seal_for(const Stream& stream, const LetterId& id, std::size_t letter_bytes) {
  const Identity& sender = stream.sender->identity();
  return crypto::seal(content_for(id, letter_bytes), sender.signing, *sender.signing_certificate,
                      *stream.recipient->identity().sealing_certificate, system_now().wall)
      .value();
}

/// Letters for the runs sealed beforehand. The broker cannot open them, so a letter is octets of
/// which no two letters have the same: one sealed letter cut or filled to the size, with the id in
/// it.
void prepare(Stream& stream, std::size_t index, const PairRun& run, Entropy& entropy) {
  LetterId first = id_for(index, 0, entropy);
  crypto::Sealed pattern = seal_for(stream, first, run.letter_bytes);
  pattern.der.resize(run.letter_bytes, 0xA5);
  stream.letters.reserve(stream.count);
  for (std::size_t i = 0; i < stream.count; ++i) {
    LetterId id = id_for(index, i, entropy);
    crypto::Sealed sealed{pattern.der, pattern.commitment, {}};
    std::copy(id.octets.begin(), id.octets.end(), sealed.der.end() - LetterId::size);
    const auto digest = crypto::sha256(sealed.der);
    stream.letters.push_back(envelope(stream, id, std::move(sealed)));
    stream.entries[i] = entry_of(stream.letters.back(), digest);
  }
}

void send_some(Stream& stream, std::size_t index, const PairRun& run, Entropy& entropy) {
  const std::size_t per_frame = std::clamp<std::size_t>(
      (wire::frame_bytes_max / 4) / (run.letter_bytes + 320), 1, wire::letters_per_frame_max);
  while (stream.sent < stream.count && stream.sent - stream.accepted < run.in_flight_max &&
         stream.sender->backlog() < 4) {
    std::vector<wire::Letter> batch;
    for (; batch.size() < per_frame && stream.sent < stream.count; ++stream.sent) {
      if (run.work == PairRun::Work::sealed_beforehand) {
        batch.push_back(std::move(stream.letters[stream.sent]));
      } else {
        LetterId id = id_for(index, stream.sent, entropy);
        batch.push_back(envelope(stream, id, seal_for(stream, id, run.letter_bytes)));
        stream.entries[stream.sent] = entry_of(batch.back(), crypto::sha256(batch.back().sealed));
        if (batch.size() == 16) {
          ++stream.sent;
          break;  // so that answers, and the other pairs, get their turn
        }
      }
    }
    stream.sender->send(std::move(batch));
    if (run.work == PairRun::Work::sealing_and_opening) break;
  }
}

void receive_letter(Stream& stream, const wire::Letter& letter, const wire::Delivery& delivery,
                    const PairRun& run) {
  const std::size_t number = number_of(letter.id);
  const auto digest = crypto::sha256(letter.sealed);
  if (stream.recipient_proves && delivery.leaf) {
    auto entry = entry_of(letter, digest);
    entry.at = delivery.accepted_at;
    stream.recipient_proves->await(*delivery.leaf, entry);
  }
  bool right = number < stream.count && !stream.seen[number];
  if (right && run.work == PairRun::Work::sealed_beforehand) {
    right = digest == stream.entries[number].digest;
  } else if (right) {
    const Identity& recipient = stream.recipient->identity();
    auto opened = crypto::open(letter.sealed, recipient.sealing, *recipient.sealing_certificate,
                               letter.commitment, &stream.parsed);
    right = opened && stream.chains->check_signing(opened->signer, system_now().wall).has_value() &&
            equal(opened->content, content_for(letter.id, run.letter_bytes));
  }
  if (!right) {
    ++stream.wrong;
    return;
  }
  stream.seen[number] = true;
  ++stream.received;
}

void refuse_other(const wire::Frame& frame) {
  if (const auto* refused = std::get_if<std::vector<wire::Refused>>(&frame))
    throw std::runtime_error("a letter was refused: " + refused->front().text);
}

void receive_frame(Stream& stream, const wire::Frame& frame, const PairRun& run) {
  refuse_other(frame);
  if (const auto* proofs = std::get_if<wire::Proofs>(&frame); proofs && stream.recipient_proves)
    stream.recipient_proves->came(*proofs);
  const auto* deliveries = std::get_if<std::vector<wire::Delivery>>(&frame);
  if (!deliveries) return;
  std::vector<wire::Taken> taken;
  std::uint64_t bytes = 0;
  for (const auto& delivery : *deliveries) {
    const auto* letter = std::get_if<wire::Letter>(&delivery.item);
    if (!letter) throw std::runtime_error("the broker returned a letter");
    receive_letter(stream, *letter, delivery, run);
    bytes += letter->sealed.size();
    taken.push_back({delivery.sequence, letter->id});
  }
  const auto count = static_cast<std::uint32_t>(taken.size());
  stream.recipient->send(std::move(taken));
  stream.recipient->send(wire::Credit{count, bytes});
}

void accepted_by_broker(Stream& stream, const std::vector<wire::Accepted>& answers) {
  stream.accepted += answers.size();
  if (!stream.sender_proves) return;
  for (const auto& each : answers) {
    auto entry = stream.entries.at(number_of(each.letter));
    entry.at = each.at;
    stream.sender_proves->await(each.leaf, entry);
  }
}

enum class Until { accepted, received };

/// The streams of one run, driven from one thread or, senders and recipients apart, from two: what
/// a thread changes in a stream, the other does not look at.
class Streams {
 public:
  Streams(Crowd& crowd, Entropy& entropy, const PairRun& run)
      : entropy_(entropy), run_(run), streams_(crowd.members.size() / 2) {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      Stream& stream = streams_[i];
      stream.sender = crowd.members[2 * i].get();
      stream.recipient = crowd.members[2 * i + 1].get();
      stream.count = run.letters / streams_.size();
      stream.seen.resize(stream.count);
      stream.entries.resize(stream.count);
      if (run.proofs) {
        stream.sender_proves = std::make_unique<Proving>(*stream.sender);
        stream.recipient_proves = std::make_unique<Proving>(*stream.recipient);
      }
      stream.chains = std::make_unique<crypto::ChainCache>(*stream.recipient->identity().authority);
      if (run.work == PairRun::Work::sealed_beforehand) prepare(stream, i, run, entropy);
    }
  }

  /// One turn of all senders; how many letters were accepted in all.
  std::size_t step_senders() {
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      Stream& stream = streams_[i];
      send_some(stream, i, run_, entropy_);
      stream.sender->step([&](const wire::Frame& frame) {
        if (const auto* answers = std::get_if<std::vector<wire::Accepted>>(&frame))
          accepted_by_broker(stream, *answers);
        else if (const auto* proofs = std::get_if<wire::Proofs>(&frame);
                 proofs && stream.sender_proves)
          stream.sender_proves->came(*proofs);
        else
          refuse_other(frame);
      });
      if (stream.sender_proves) stream.sender_proves->step(*stream.sender);
      accepted += stream.accepted;
    }
    return accepted;
  }
  /// One turn of all recipients; how many letters were received in all, right or wrong.
  std::size_t step_recipients() {
    std::size_t received = 0;
    for (Stream& stream : streams_) {
      stream.recipient->step([&](const wire::Frame& frame) { receive_frame(stream, frame, run_); });
      if (stream.recipient_proves) stream.recipient_proves->step(*stream.recipient);
      received += stream.received + stream.wrong;
    }
    return received;
  }
  [[nodiscard]] std::size_t expected() const {
    return streams_.empty() ? 0 : streams_.front().count * streams_.size();
  }
  void add_to(PairRunResult& result) const {
    for (const Stream& stream : streams_) {
      result.accepted += stream.accepted;
      result.received += stream.received;
      result.wrong += stream.wrong;
      for (const auto* each : {stream.sender_proves.get(), stream.recipient_proves.get()})
        if (each != nullptr) result.proved += each->proved();
    }
  }
  /// Letters that are still to be shown to be in the log, of both sides.
  [[nodiscard]] std::size_t unproved() const {
    std::size_t out = 0;
    for (const Stream& stream : streams_)
      for (const auto* each : {stream.sender_proves.get(), stream.recipient_proves.get()})
        if (each != nullptr) out += each->awaited();
    return out;
  }
  void watch(net::Poller& senders, net::Poller& recipients) {
    for (const Stream& stream : streams_) {
      senders.add(stream.sender->client());
      recipients.add(stream.recipient->client());
    }
  }

 private:
  Entropy& entropy_;
  const PairRun& run_;
  std::vector<Stream> streams_;
};

/// Turns until `step` has counted `expected`. Throws if nothing was counted for 60 s, or `stop`.
void drive(net::Poller& poller, std::size_t expected, const std::atomic<bool>& stop,
           const std::function<std::size_t()>& step) {
  Duration last_progress = system_now().steady;
  std::size_t before = 0;
  for (;;) {
    const std::size_t done = step();
    if (done >= expected || stop.load()) return;
    const Duration now = system_now().steady;
    if (done != before) {
      before = done;
      last_progress = now;
    } else if (now - last_progress > std::chrono::seconds(60)) {
      throw std::runtime_error("no letter moved for 60 s");
    }
    poller.wait(Duration(1));
  }
}

/// Office and provider are different machines in life: where they have work to do, each has a
/// thread here.
void drive_apart(Streams& streams) {
  net::Poller sending;
  net::Poller receiving;
  streams.watch(sending, receiving);
  std::atomic<bool> stop{false};
  std::exception_ptr failure;
  std::thread senders([&] {
    try {
      drive(sending, streams.expected(), stop, [&] { return streams.step_senders(); });
    } catch (...) {
      failure = std::current_exception();
      stop.store(true);
    }
  });
  std::exception_ptr own;
  try {
    drive(receiving, streams.expected(), stop, [&] { return streams.step_recipients(); });
  } catch (...) {
    own = std::current_exception();
    stop.store(true);
  }
  senders.join();
  if (failure || own) std::rethrow_exception(failure ? failure : own);
}

void drive_together(Streams& streams, Until until) {
  net::Poller poller;
  streams.watch(poller, poller);
  const std::atomic<bool> stop{false};
  const std::size_t each = until == Until::received ? 2 : 1;
  drive(poller, streams.expected() * each, stop, [&] {
    const std::size_t accepted = streams.step_senders();
    const std::size_t received = streams.step_recipients();
    return accepted + (until == Until::received ? received : 0);
  });
}

void wait_for_proofs(Streams& streams) {
  net::Poller poller;
  streams.watch(poller, poller);
  const std::atomic<bool> stop{false};
  const auto all = streams.unproved();
  drive(poller, all, stop, [&] {
    streams.step_senders();
    streams.step_recipients();
    return all - streams.unproved();
  });
}

PairRunResult run_until(BrokerProcess& broker, Crowd& crowd, Entropy& entropy, const PairRun& run,
                        Until until) {
  Streams streams(crowd, entropy, run);
  PairRunResult result;
  const Usage broker_before = usage_of(broker.process());
  const Usage own_before = own_usage();
  const double syncs_before = broker.metric("liaison_broker_syncs_total");
  const Duration start = system_now().steady;
  if (run.work == PairRun::Work::sealing_and_opening)
    drive_apart(streams);
  else
    drive_together(streams, until);
  result.seconds = std::chrono::duration<double>(system_now().steady - start).count();
  result.broker_cpu_s = usage_of(broker.process()).cpu_s - broker_before.cpu_s;
  result.own_cpu_s = own_usage().cpu_s - own_before.cpu_s;
  result.syncs = broker.metric("liaison_broker_syncs_total") - syncs_before;
  streams.add_to(result);
  const Duration sent = system_now().steady;
  if (until == Until::received) wait_for_proofs(streams);
  result.rest_proved_s = std::chrono::duration<double>(system_now().steady - sent).count();
  return result;
}

}  // namespace

PairRunResult run_pairs(BrokerProcess& broker, Crowd& crowd, Entropy& entropy, const PairRun& run) {
  return run_until(broker, crowd, entropy, run, Until::received);
}

PairRunResult fill_mailboxes(BrokerProcess& broker, Crowd& crowd, Entropy& entropy,
                             const PairRun& run) {
  return run_until(broker, crowd, entropy, run, Until::accepted);
}

}  // namespace liaison::bench
