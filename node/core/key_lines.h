#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace liaison::node {

/// How the signing certificates that the registry has in one node's name follow each other, in the
/// registry's order; a place is a number in that order. Computed whole from what is known now, so
/// that nothing rests on what was learnt first: the true renewal, or that the certificate before it
/// is contested. Pure.
///
/// A line is a certificate and what its key has signed since: the first one that its key signed,
/// the first that this one's signed, and so on. A key that was replaced long ago, and lies in old
/// backups, goes on with no line, since it has signed another before. Whose key knows a line of
/// before another certificate may say that this is none of the node's.
class KeyLines {
 public:
  struct Certificate {
    std::optional<std::size_t> signed_by;     ///< the place of the one whose key signed its keys
    bool confirmed = false;                   ///< by a person here
    std::optional<std::size_t> contested_by;  ///< the place of whose key says: not its node's
  };

  KeyLines() = default;
  explicit KeyLines(const std::vector<Certificate>& all);

  /// The one before it in its line; none: it begins one.
  [[nodiscard]] std::optional<std::size_t> former(std::size_t place) const;
  /// The same, if that one was the node's newest when this one came, but for contested ones and for
  /// what nothing speaks for behind these: then it proves the change of key.
  [[nodiscard]] std::optional<std::size_t> continued(std::size_t place) const;
  /// A line that began before it says that it is not the node's, and neither that line nor a person
  /// here says otherwise. The first never is.
  [[nodiscard]] bool is_contested(std::size_t place) const;
  [[nodiscard]] bool is_behind_contested(std::size_t place) const;

 private:
  struct Each {
    std::optional<std::size_t> former;
    std::optional<std::size_t> continued;
    std::size_t line = 0;
    bool is_contested = false;
  };
  /// The last of the line of `of`, up to that, that stands before `place`.
  [[nodiscard]] std::optional<std::size_t> last_before(std::size_t place, std::size_t of) const;

  std::vector<Each> all_;
  std::vector<std::vector<std::size_t>> lines_;  ///< their places, ascending
  std::optional<std::size_t> first_contested_;
};

}  // namespace liaison::node
