#pragma once

#include "bench/member.h"

namespace liaison::bench {

/// A run of letters from the even to the odd members of a crowd.
struct PairRun {
  std::size_t letter_bytes = 1024;   ///< of sealed bytes
  std::size_t letters = 100'000;     ///< in all
  std::size_t in_flight_max = 4096;  ///< unanswered letters of one sender
  enum class Work { sealed_beforehand, sealing_and_opening } work = Work::sealed_beforehand;
  bool proofs = true;  ///< both sides have each letter shown to be in the log, beside the rest
};

struct PairRunResult {
  double seconds = 0;
  std::size_t accepted = 0;
  std::size_t received = 0;  ///< distinct, with the digest (or content) that was sent
  std::size_t wrong = 0;     ///< received with another digest, or twice
  std::size_t proved = 0;    ///< by then: letters shown to be in the log, of both sides
  double rest_proved_s = 0;  ///< how long after, until all were
  double broker_cpu_s = 0;
  double own_cpu_s = 0;
  double syncs = 0;  ///< of the broker's store
};

/// Sends, receives, checks and takes every letter; throws if it comes to a stop for 60 s.
PairRunResult run_pairs(BrokerProcess& broker, Crowd& crowd, Entropy& entropy, const PairRun& run);

/// The same without recipients: letters pile up in the mailboxes of the odd members.
PairRunResult fill_mailboxes(BrokerProcess& broker, Crowd& crowd, Entropy& entropy,
                             const PairRun& run);

}  // namespace liaison::bench
