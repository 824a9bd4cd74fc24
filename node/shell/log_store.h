#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "crypto/key.h"
#include "node/shell/sql.h"
#include "wire/log_name.h"

namespace liaison::node {

/// What this node keeps of the exchange's logs: how far it has followed each, the places of its own
/// letters with their proofs, and what it found wrong.
class LogStore {
 public:
  explicit LogStore(Sql& sql) : sql_(sql) {}

  /// The newest checkpoint of a log that this node verified.
  struct Head {
    std::uint64_t epoch = 0;
    std::uint64_t size = 0;
    std::vector<Digest> subtrees;  ///< roots of the complete subtrees, largest first
    std::string note;              ///< as signed
  };
  [[nodiscard]] std::optional<Head> head(wire::LogName log);
  void keep_head(wire::LogName log, const Head& head, Instant at);
  void drop_head(wire::LogName log);

  /// The newest tree of a log that this node cosigned, in the highest epoch of which it did any.
  struct Cosigned {
    std::uint64_t epoch = 0;
    std::uint64_t size = 0;
    Digest root;
    bool ended = false;  ///< nothing of this epoch is cosigned any more
  };
  [[nodiscard]] std::optional<Cosigned> cosigned(wire::LogName log);
  void keep_cosigned(wire::LogName log, const Cosigned& cosigned, Instant at);

  /// A letter's acceptance as it stands in the message log.
  struct Place {
    LetterId letter;
    std::uint64_t epoch = 0;
    std::uint64_t leaf = 0;
    Bytes entry;  ///< the octets that are hashed
    Instant at;   ///< when this node learnt of it
  };
  /// False: it is known already, of this epoch. What is known of others stays.
  bool keep_place(const Place& place);
  /// Of that epoch, not proved yet: leaf and letter.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, LetterId>> unproved(std::uint64_t epoch);
  /// Of the newest epoch that has one.
  [[nodiscard]] std::optional<Place> place(const LetterId& letter);
  /// That it is in the tree of `size` entries of that epoch's log, whose checkpoint is `note`.
  void keep_proof(const LetterId& letter, std::uint64_t epoch, std::uint64_t size,
                  const std::vector<Digest>& hashes, const std::string& note);
  /// Of the newest epoch whose log was shown to have it.
  struct Proof {
    std::uint64_t leaf = 0;
    Bytes entry;  ///< as it stands in that log
    std::vector<Digest> hashes;
    std::string note;
  };
  [[nodiscard]] std::optional<Proof> proof(const LetterId& letter);
  /// How many letters were proved, in whichever log.
  [[nodiscard]] std::uint64_t proved();
  void prune(Instant before);

  /// A key by which the exchange signs its logs, or did until it replaced it.
  struct Key {
    crypto::WitnessKey key;
    bool is_replaced = false;
  };
  void keep_key(const Key& key, Instant at);
  [[nodiscard]] std::vector<Key> keys();
  /// A checkpoint that another node says it has verified, and that waits to be compared.
  struct Other {
    wire::LogName log{};
    std::uint64_t size = 0;
    NodeId from;
    std::string note;  ///< as signed
  };
  /// Those of other epochs go.
  void keep_other(std::uint64_t epoch, const Other& other);
  [[nodiscard]] std::vector<Other> others(std::uint64_t epoch);
  void drop_other(wire::LogName log, std::uint64_t size);

  /// Something that the exchange, or another node, said of a log and that cannot be so, with what
  /// shows it: notes as they were signed.
  struct Finding {
    std::uint64_t place = 0;  ///< by which it is named; given by keep_finding()
    std::string kind;
    std::string text;
    std::string evidence;
    Instant at;
  };
  /// False: it was known, or there are as many as are kept.
  bool keep_finding(const Finding& finding);
  [[nodiscard]] std::vector<Finding> findings();
  /// False: there is none.
  bool drop_finding(std::uint64_t place);

 private:
  Sql& sql_;
};

}  // namespace liaison::node
