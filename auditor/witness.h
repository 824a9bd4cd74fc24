#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "audit/add_checkpoint.h"
#include "base/time.h"

namespace liaison::auditor {

/// Which logs a witness watches: their keys, as `liaison-audit checkpoint` and an export have them.
class WatchedLogs {
 public:
  /// A file of keys, a line each; lines that begin with '#' say nothing.
  static Result<WatchedLogs> read(const std::filesystem::path& file);
  explicit WatchedLogs(std::vector<audit::NoteKey> keys) : keys_(std::move(keys)) {}
  /// By which a log of that origin is verified; none: it is not watched. An exchange's log has
  /// another origin after each restore, "liaison/A/message/3" after "liaison/A/message/2", and the
  /// same key: a key that is named for one is good for all.
  [[nodiscard]] std::vector<audit::NoteKey> of(const std::string& origin) const;
  [[nodiscard]] const std::vector<audit::NoteKey>& keys() const { return keys_; }

 private:
  std::vector<audit::NoteKey> keys_;
};

/// What a witness cosigned last of each log, in one file. It is durable before a cosignature
/// leaves, and must never go back: a witness whose file is lost is none any more.
class WitnessState {
 public:
  static constexpr std::size_t logs_max = 4096;
  /// Makes an empty one; with a new key only.
  static WitnessState create(const std::filesystem::path& file);
  /// Not found, malformed: one line that says what to do.
  static Result<WitnessState> open(const std::filesystem::path& file);

  [[nodiscard]] const std::map<std::string, audit::Witnessed>& all() const { return all_; }
  [[nodiscard]] std::optional<audit::Witnessed> of(const std::string& origin) const;
  /// Durable on return; throws std::runtime_error if that fails. Too large: too many logs.
  Result<void> keep(const std::string& origin, const audit::Witnessed& witnessed);

 private:
  explicit WitnessState(std::filesystem::path file) : file_(std::move(file)) {}
  void write() const;
  std::filesystem::path file_;
  std::map<std::string, audit::Witnessed> all_;
};

/// A witness by c2sp.org/tlog-witness: answers one request after the other, from any thread.
class Witness {
 public:
  Witness(WatchedLogs logs, WitnessState state, std::string name, crypto::Ed25519Key key)
      : logs_(std::move(logs)),
        state_(std::move(state)),
        name_(std::move(name)),
        key_(std::move(key)) {}
  /// The answer to a request's body, with the cosignature if there is one. Throws if it cannot be
  /// kept: nothing was cosigned.
  audit::WitnessAnswer answer(std::string_view body, Instant now);

 private:
  std::mutex mutex_;
  WatchedLogs logs_;
  WitnessState state_;
  std::string name_;
  crypto::Ed25519Key key_;
};

}  // namespace liaison::auditor
