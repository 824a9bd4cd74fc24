#pragma once

#include <stdexcept>
#include <string>

namespace liaison::store {

/// The store or the machine below it failed. Not for input: nothing a peer or a user sends may
/// cause one. Caught in main() alone: what() is one line for a person (what happened, what was
/// kept, what to do), exit status 1. After one from anything but open, the Database is unusable.
class Failure : public std::runtime_error {
 public:
  enum class Kind {
    in_use,         ///< another process (or object) has the store open
    newer_version,  ///< written by a newer version of the program
    foreign,        ///< a file, but not a store of this kind
    missing,        ///< no such file and it was not to be made
    disk_full,
    io,         ///< a read, write or sync failed
    corrupt,    ///< the file contradicts itself
    statement,  ///< a statement is wrong or broke a constraint: a bug of ours
    unusable,   ///< used after one of the above
  };
  Failure(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace liaison::store
