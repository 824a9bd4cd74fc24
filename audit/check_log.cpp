#include "audit/check_log.h"

#include <fmt/format.h>

#include <optional>

#include "audit/hash.h"
#include "audit/proof.h"
#include "audit/tile.h"
#include "audit/way_down.h"
#include "crypto/file.h"

namespace liaison::audit {
namespace {

constexpr std::size_t bundle_bytes_max = tile_width * (entry_bytes_max + 2);

class LogReader {
 public:
  LogReader(const std::filesystem::path& directory, const CheckOptions& options)
      : directory_(directory), options_(options) {}

  Result<CheckedLog> check();

 private:
  [[nodiscard]] Result<Secret> read(const std::string& name, std::size_t bytes_max) const;
  [[nodiscard]] Result<Secret> read_entries(const std::string& name) const;
  Result<void> check_bundle(std::uint64_t index, unsigned width);
  Result<void> check_beginnings();
  Result<void> check_entry(ByteView entry, const Digest& in_tile);
  Result<void> check_tile(unsigned level, std::uint64_t index, unsigned width);
  Result<void> check_edge();
  Result<void> fold(unsigned level, const Digest& hash);
  Result<void> check_end() const;
  [[nodiscard]] tl::unexpected<Error> differs() const;
  [[nodiscard]] tl::unexpected<Error> wrong_on_the_way_to(std::uint64_t entry,
                                                          const std::string& otherwise) const;
  [[nodiscard]] bool are_entries_of(std::uint64_t bundle, const Digest& root) const;
  [[nodiscard]] tl::unexpected<Error> broken() const;

  const std::filesystem::path& directory_;
  const CheckOptions& options_;
  Checkpoint signed_;
  RootOf entries_;
  /// From the first entry on whose hash is not the tile's: the root as the tiles have it.
  std::optional<RootOf> tiles_;
  std::uint64_t first_wrong_ = 0;
  std::size_t begun_ = 0;  ///< of the beginnings: those before are shown
  /// Of the tiles above the entries' hashes: those of the tile that is not whole yet.
  std::vector<std::vector<Digest>> levels_;
};

std::string entries_text(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("entry {}", first)
                       : fmt::format("entries {} to {}", first, last);
}

Result<Secret> LogReader::read(const std::string& name, std::size_t bytes_max) const {
  auto octets = crypto::read_file(directory_ / name, bytes_max, crypto::Readers::anyone);
  if (!octets) return fail(octets.error());
  return octets;
}

Result<Secret> LogReader::read_entries(const std::string& name) const {
  auto octets = read(name, bundle_bytes_max);
  for (const auto& archive : options_.archives) {
    if (octets || octets.error().reason != Reason::not_found) return octets;
    auto there = crypto::read_file(archive / name, bundle_bytes_max, crypto::Readers::anyone);
    if (there || there.error().reason != Reason::not_found) return there;
  }
  return octets;
}

tl::unexpected<Error> LogReader::differs() const {
  if (entries_.root() == signed_.root)
    return fail(Reason::untrusted,
                fmt::format("the tile of entry {} was altered: its hash is not the entry's. The "
                            "entries themselves are those that the log signed",
                            first_wrong_));
  return wrong_on_the_way_to(
      first_wrong_, fmt::format("entry {} and its tile differ, and so much else was altered that "
                                "which of the two it is cannot be told",
                                first_wrong_));
}

/// Where more than one thing was altered: the first that is not what stands above it, from the
/// signed root down to that entry. `otherwise`: what to say if not even the last tiles are signed.
tl::unexpected<Error> LogReader::wrong_on_the_way_to(std::uint64_t entry,
                                                     const std::string& otherwise) const {
  const auto way = way_down(directory_, signed_, entry);
  if (!way.is_edge_signed) return fail(Reason::untrusted, otherwise);
  if (!way.altered)
    return fail(Reason::untrusted, fmt::format("entry {} is not the one that the log signed: it "
                                               "was altered after it was logged",
                                               entry));
  const auto& tile = *way.altered;
  if (tile.level > 0)
    return fail(Reason::untrusted,
                fmt::format("{} was altered: the tile above it says so", path_of(tile)));
  if (are_entries_of(tile.index, way.signed_root))
    return fail(Reason::untrusted,
                fmt::format("the tile of entry {} was altered: its hash is not the entry's. The "
                            "entries of that tile are those that the log signed",
                            entry));
  const auto first = tile.index * tile_width;
  return fail(Reason::untrusted, fmt::format("{} are not those that the log signed: one or more of "
                                             "them were altered, and their tile with them",
                                             entries_text(first, first + tile.width - 1)));
}

bool LogReader::are_entries_of(std::uint64_t bundle, const Digest& root) const {
  const auto width = width_in(signed_.size, 0, bundle);
  const auto octets = read_entries(entries_path_of(bundle, width));
  const auto entries = octets ? parse_bundle(octets->view(), width) : fail(octets.error());
  if (!entries) return false;
  RootOf of;
  for (const auto& each : *entries)
    of.add(leaf_hash(each));
  return of.root() == root;
}

tl::unexpected<Error> LogReader::broken() const {
  return fail(Reason::untrusted,
              fmt::format("entry {} is not the one of its tile, and what follows it in its file "
                          "cannot be read",
                          first_wrong_));
}

Result<void> LogReader::check_entry(ByteView entry, const Digest& in_tile) {
  const auto index = entries_.size();
  const auto hash = leaf_hash(entry);
  if (hash != in_tile && !tiles_) {
    tiles_ = entries_;
    first_wrong_ = index;
  }
  entries_.add(hash);
  if (tiles_) tiles_->add(in_tile);
  // What is wrong is told to nobody as an entry; the rest is read to tell which it is.
  if (!tiles_ && options_.each)
    if (const auto taken = options_.each(index, entry); !taken) return fail(taken.error());
  const auto& since = options_.since;
  if (since && entries_.size() == since->size && !tiles_ && entries_.root() != since->root)
    return fail(Reason::conflict,
                fmt::format("the log was rewritten: its first {} entries are not those of the "
                            "older checkpoint",
                            since->size));
  return check_beginnings();
}

/// Those of the size that was come to.
Result<void> LogReader::check_beginnings() {
  const auto& all = options_.beginnings;
  for (; !tiles_ && begun_ < all.size() && all[begun_].size <= entries_.size(); ++begun_)
    if (all[begun_].size == entries_.size() && entries_.root() != all[begun_].root)
      return fail(Reason::conflict,
                  fmt::format("the log was rewritten: its first {} entries are not those of the "
                              "checkpoint that it signed of as many. Keep both: they convict it",
                              entries_.size()));
  return {};
}

Result<void> LogReader::check_bundle(std::uint64_t index, unsigned width) {
  const auto first = index * tile_width;
  const auto octets = read_entries(entries_path_of(index, width));
  if (!octets && octets.error().reason == Reason::not_found)
    return fail(Reason::not_found,
                fmt::format("{} are not here ({}): if they were archived, say where",
                            entries_text(first, first + width - 1), octets.error().text));
  if (!octets) return fail(octets.error());
  const auto tile_octets = read(path_of({0, index, width}), tile_width * Digest::size);
  if (!tile_octets) return fail(tile_octets.error());
  const auto hashes = parse_tile(tile_octets->view(), width);
  if (!hashes)
    return fail(Reason::malformed,
                fmt::format("the tile of {}: {}", entries_text(first, first + width - 1),
                            hashes.error().text));
  auto rest = octets->view();
  for (const auto& hash : *hashes) {
    const auto entry = take_entry(rest);
    if (!entry && tiles_) return broken();
    if (!entry)
      return fail(Reason::malformed,
                  fmt::format("entry {} cannot be read: {}", entries_.size(), entry.error().text));
    if (const auto good = check_entry(*entry, hash); !good) return fail(good.error());
  }
  if (!rest.empty() && tiles_) return broken();
  if (!rest.empty())
    return fail(Reason::malformed, fmt::format("{} octets lie behind entry {} that are no entry",
                                               rest.size(), first + width - 1));
  // Which of the two is wrong is not known yet: nothing above it is judged by them.
  if (width < tile_width || tiles_) return {};
  RootOf root;
  for (const auto& hash : *hashes)
    root.add(hash);
  return fold(1, root.root());
}

/// A full tile's root takes its place in the tile above, which is checked when it is full.
Result<void> LogReader::fold(unsigned level, const Digest& hash) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  auto& hashes = levels_[level];
  hashes.push_back(hash);
  if (hashes.size() < tile_width) return {};
  const auto index = (entries_.size() >> (tile_height * (level + 1))) - 1;
  if (const auto good = check_tile(level, index, tile_width); !good) return fail(good.error());
  RootOf root;
  for (const auto& each : hashes)
    root.add(each);
  hashes.clear();
  return fold(level + 1, root.root());
}

Result<void> LogReader::check_tile(unsigned level, std::uint64_t index, unsigned width) {
  const auto octets = read(path_of({level, index, width}), tile_width * Digest::size);
  if (!octets) return fail(octets.error());
  const auto hashes = parse_tile(octets->view(), width);
  if (!hashes)
    return fail(Reason::malformed, path_of({level, index, width}) + ": " + hashes.error().text);
  for (unsigned i = 0; i < width; ++i) {
    if ((*hashes)[i] == levels_[level][i]) continue;
    const auto spanned = std::uint64_t{1} << (tile_height * level);
    const auto first = (index * tile_width + i) * spanned;
    const auto which = fmt::format("its hash over {} does not follow from them",
                                   entries_text(first, first + spanned - 1));
    const auto name = path_of({level, index, width});
    const auto way = way_down(directory_, signed_, first);
    if (way.is_edge_signed && way.altered && way.altered->level < level)
      return wrong_on_the_way_to(first, {});
    return fail(Reason::untrusted, name + " was altered: " + which);
  }
  return {};
}

Result<void> LogReader::check_end() const {
  if (entries_.root() == signed_.root) return {};
  return fail(Reason::untrusted, fmt::format("the {} entries and their tiles agree, and are not "
                                             "what the log signed: they were altered together",
                                             signed_.size));
}

/// Those that are not full: whether what they say follows from the entries.
Result<void> LogReader::check_edge() {
  for (unsigned level = 1; level < levels_.size(); ++level) {
    const auto last = tiles_in(signed_.size, level) - 1;
    const auto width = width_in(signed_.size, level, last);
    if (width == tile_width) continue;  // checked when it was full
    if (const auto good = check_tile(level, last, width); !good) return fail(good.error());
  }
  return {};
}

Result<CheckedLog> LogReader::check() {
  const auto note = read("checkpoint", note_bytes_max);
  if (!note) return fail(note.error());
  const auto opened = open_checkpoint(as_text(note->view()), options_.logs);
  if (!opened) return fail(opened.error().reason, "the checkpoint: " + opened.error().text);
  signed_ = opened->checkpoint;
  const auto cosigned = cosignatures(opened->note, options_.witnesses);
  if (!cosigned) return fail(cosigned.error().reason, "the checkpoint: " + cosigned.error().text);
  const auto& since = options_.since;
  if (since && since->origin != signed_.origin)
    return fail(Reason::conflict, "the older checkpoint is of " + since->origin +
                                      ", and this log is " + signed_.origin +
                                      ": another exchange's, or the same one's after a restore");
  if (since && since->size > signed_.size)
    return fail(Reason::conflict,
                fmt::format("the older checkpoint has {} entries, and this log ends at {}: it was "
                            "exported before, or cut short",
                            since->size, signed_.size));
  for (const auto& each : options_.beginnings)
    if (each.origin != signed_.origin || each.size > signed_.size)
      return fail(Reason::conflict, fmt::format("a checkpoint of {} entries of {} is no beginning "
                                                "of this log",
                                                each.size, each.origin));
  if (const auto good = check_beginnings(); !good) return fail(good.error());
  for (std::uint64_t index = 0; index < tiles_in(signed_.size, 0); ++index) {
    const auto good = check_bundle(index, width_in(signed_.size, 0, index));
    if (!good) return fail(good.error());
    if (options_.progress) options_.progress(entries_.size(), signed_.size);
  }
  if (tiles_) return differs();
  if (const auto good = check_edge(); !good) return fail(good.error());
  if (const auto good = check_end(); !good) return fail(good.error());
  return CheckedLog{signed_, opened->note, *cosigned};
}

}  // namespace

Result<CheckedLog> check_log(const std::filesystem::path& directory, const CheckOptions& options) {
  return LogReader(directory, options).check();
}

}  // namespace liaison::audit
