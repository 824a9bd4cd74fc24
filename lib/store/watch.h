#pragma once

#include <string>

#include "base/time.h"
#include "store/database.h"

namespace liaison::store {

/// Whether a store is known to be sound. Its owner keeps it in the store itself, because whoever
/// opens a store next finds it closed in order: a command, or a daemon that was stopped before its
/// check had ended.
enum class Soundness {
  sound,
  due,     ///< the last end was unclean, and no check has ended since
  damaged  ///< a check found damage, and none has found it sound since
};

/// Sees to it that a store is checked whole after an unclean end, beside normal use, until it was
/// found sound. The owner asks it now and then, keeps what it says and tells people.
class Watch {
 public:
  /// `kept`: what the owner kept.
  Watch(Database& database, Soundness kept);

  /// What has happened since the last call; not within a transaction.
  enum class News {
    nothing,
    begun,
    given_up,  ///< too much was written meanwhile; it begins again in an hour
    sound,
    damaged,
  };
  News look(Duration steady);

  /// To be kept; after the constructor too.
  [[nodiscard]] Soundness soundness() const { return soundness_; }
  /// "sound", "check due", "checking", "damaged": for `status`.
  [[nodiscard]] const char* word() const;
  /// One line: what was found and what follows from it; empty unless damaged. `follows`: what the
  /// owner does about it.
  [[nodiscard]] std::string alarm(const char* follows) const;

 private:
  Database& database_;
  Soundness soundness_;
  std::string finding_;
  enum class Checking { no, yes } checking_ = Checking::no;
  Duration not_before_{};
};

}  // namespace liaison::store
