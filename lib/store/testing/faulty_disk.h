#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace liaison::store::testing {

/// A disk in memory that fails as real ones do, for tests and the simulation; give its vfs() to
/// store::Options. Any number at once, each with its own seed; the same calls give the same faults.
///
/// It keeps what was synced apart from what was written since. Files' directory entries are
/// subject to it as well: a file made, or deleted, since the last directory sync may be gone, or
/// back, after a crash (the directory is synced with the first sync of a new file, as store's own
/// VFS does).
class FaultyDisk {
 public:
  FaultyDisk(std::string name, std::uint64_t seed);
  ~FaultyDisk();  ///< every Database on it must be gone
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  [[nodiscard]] const std::string& vfs() const;

  // The process or the machine ends. Files still open then fail at every further use; destroy the
  // Database and open a new one.

  /// The process is killed: all it wrote stays.
  void kill();
  /// Power fails: each 512-octet sector written since its file's last sync independently keeps its
  /// old content, any of what was written to it, or a torn mix; sizes and directory entries
  /// likewise.
  void crash();
  /// Power fails at the nth write, sync, truncate, create or delete from now (1: the next, which
  /// itself may be half done). All later use fails; call crash() then.
  void crash_at(std::uint64_t operation);
  /// Whether crash_at's moment has come.
  [[nodiscard]] bool has_crashed() const;

  // Faults while running.

  /// The next `count` syncs fail; and as on Linux, what they were to sync counts as clean after it
  /// but may be lost.
  void fail_next_sync(std::uint32_t count = 1);
  /// The next `count` writes fail with an I/O error, nothing written.
  void fail_next_write(std::uint32_t count = 1);
  /// At most this many octets in all files; nullopt: no limit.
  void set_capacity(std::optional<std::uint64_t> bytes);
  /// The next `count` reads end short.
  void short_reads(std::uint32_t count);
  /// Turns `count` random bits in what is stored of the file, or in any file if empty.
  void flip_bits(std::uint32_t count, const std::string& file = {});

  // The disk as a whole.

  struct Image {
    std::map<std::string, std::vector<std::uint8_t>> files;
  };
  /// A copy of all files as a running process sees them.
  [[nodiscard]] Image image() const;
  /// Puts an old copy in place, all synced; open files fail from here on, as with kill().
  void restore(const Image& image);
  /// The disk is lost whole and replaced by an empty one.
  void wipe();
  [[nodiscard]] bool exists(const std::string& file) const;
  [[nodiscard]] std::uint64_t bytes_used() const;

  // What was done so far.

  [[nodiscard]] std::uint64_t operations() const;  ///< as crash_at counts them
  [[nodiscard]] std::uint64_t syncs() const;
  /// Sectors that crashes lost, tore or took from an earlier write, so that a test can tell that
  /// faults bit.
  [[nodiscard]] std::uint64_t sectors_lost() const;

  struct State;  ///< the VFS's own

 private:
  std::unique_ptr<State> state_;
};

/// Makes SQLite's own randomness (WAL salts, temporary names) repeat for a seed, process-wide.
void seed_sqlite(std::uint32_t seed);

}  // namespace liaison::store::testing
