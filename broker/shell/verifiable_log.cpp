#include "broker/shell/verifiable_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/growth.h"
#include "audit/hash.h"
#include "base/check.h"
#include "base/log.h"
#include "store/failure.h"

namespace liaison::broker {
namespace {
constexpr std::uint32_t at_once = 1024;
/// Of two seconds at full speed; 8 MiB.
constexpr std::size_t tiles_remembered = 512;
}  // namespace

VerifiableLog::VerifiableLog(store::Database& database, LogName name, Identity identity)
    : store_(database, name),
      identity_(std::move(identity)),
      subtrees_([this](const auto& each) { return tile(each); }, tiles_remembered) {}

audit::NoteKey VerifiableLog::key() const {
  return {identity_.origin, audit::KeyKind::note, identity_.key};
}

void VerifiableLog::disagrees(const std::string& what) const {
  throw store::Failure(store::Failure::Kind::corrupt,
                       fmt::format("the {} log is not what this broker has signed: {}. Keep the "
                                   "store as it is for whoever looks into it, and restore a backup",
                                   name_of(store_.name()), what));
}

std::vector<Digest> VerifiableLog::leaves(std::uint64_t first, std::uint64_t last) {
  std::vector<Digest> out;
  while (first < last) {
    if (first < store_.archived()) {
      // By what stayed of them here, which the tree vouches for.
      const auto index = first / audit::tile_width;
      const auto hashes = store_.tile({0, index});
      if (!hashes) disagrees(fmt::format("the tile of entry {}, archived, is not there", first));
      const auto end = std::min(last, (index + 1) * audit::tile_width);
      for (; first < end; ++first)
        out.push_back((*hashes)[first % audit::tile_width]);
      continue;
    }
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(at_once, last - first));
    const auto entries = store_.entries(first, count);
    if (entries.size() < count)
      disagrees(fmt::format("entry {} is not there", first + entries.size()));
    for (const auto& entry : entries)
      out.push_back(audit::leaf_hash(entry));
    first += count;
  }
  return out;
}

bool VerifiableLog::load_edge(std::uint64_t size) {
  auto edge = audit::TileEdge::load(size, leaves(size - size % audit::tile_width, size),
                                    [this](const audit::Tile& each) { return store_.tile(each); });
  if (!edge) return false;
  edge_ = std::move(*edge);
  return true;
}

void VerifiableLog::load() {
  std::optional<audit::Checkpoint> from;
  if (const auto kept = store_.checkpoint()) {
    // After a restore it is of the log's former name.
    const auto note = audit::parse_note(kept->note);
    const auto said = note ? audit::parse_checkpoint(note->text) : fail(note.error());
    const audit::NoteKey own{said ? said->origin : "", audit::KeyKind::note, identity_.key};
    auto opened = audit::open_checkpoint(kept->note, std::span(&own, 1));
    if (!opened) disagrees("its newest checkpoint cannot be read (" + opened.error().text + ")");
    from = opened->checkpoint;
    if (kept->epoch == identity_.epoch) newest_ = std::move(*opened);
  }
  const auto size = store_.size();
  const auto begun = from ? from->size : 0;
  if (size < begun)
    disagrees(fmt::format("it ends with {} entries, and {} were signed", size, begun));
  if (from && (!load_edge(begun) || edge_.root() != from->root)) rebuild(*from);
  for (auto first = begun; first < size; first += at_once)
    for (const auto& leaf : leaves(first, std::min<std::uint64_t>(first + at_once, size)))
      append(leaf);
}

void VerifiableLog::rename(std::string origin, std::uint64_t epoch) {
  identity_.origin = std::move(origin);
  identity_.epoch = epoch;
  newest_.reset();
}

/// Of the entries alone; if they make what was signed, the tiles were torn.
void VerifiableLog::rebuild(const audit::Checkpoint& from) {
  const auto size = from.size;
  edge_ = {};
  std::vector<audit::TileEdge::Filled> torn;
  std::optional<std::uint64_t> first_other;
  for (std::uint64_t first = 0; first < size; first += at_once)
    for (const auto& leaf : leaves(first, std::min<std::uint64_t>(first + at_once, size)))
      for (auto& filled : edge_.append(leaf)) {
        const auto kept = store_.tile(filled.tile);
        if (kept && *kept == filled.hashes) continue;
        if (kept && filled.tile.level == 0 && !first_other) {
          const auto other = std::mismatch(kept->begin(), kept->end(), filled.hashes.begin()).first;
          first_other = filled.tile.index * audit::tile_width +
                        static_cast<std::uint64_t>(other - kept->begin());
        }
        torn.push_back(std::move(filled));
      }
  if (edge_.root() != from.root)
    disagrees(first_other
                  ? fmt::format("entry {} was altered", *first_other)
                  : fmt::format("an entry from {} on was altered, or one before together with its "
                                "tile",
                                size - size % audit::tile_width));
  log::warning("tiles of a log were torn, and built anew of its entries",
               {{"log", name_of(store_.name())}, {"tiles", std::to_string(torn.size())}});
  filled_ = std::move(torn);
}

void VerifiableLog::append(const Digest& leaf) {
  for (auto& filled : edge_.append(leaf))
    filled_.push_back(std::move(filled));
}

void VerifiableLog::sign() {
  LIAISON_CHECK(identity_.sign.has_value());
  signed_ = audit::sign({identity_.origin, edge_.size(), edge_.root()}, *identity_.sign);
  keep_signed();
}

void VerifiableLog::change_key(const crypto::Ed25519Key& key) {
  LIAISON_CHECK(identity_.sign.has_value());
  const auto former = *identity_.sign;
  identity_.sign = key;
  identity_.key = key.public_key();
  signed_ = audit::sign({identity_.origin, edge_.size(), edge_.root()}, former);
  signed_->note.signatures.push_back(audit::sign_note(signed_->note.text, identity_.origin, key));
  keep_signed();
}

void VerifiableLog::keep_signed() {
  for (const auto& each : filled_)
    store_.keep(each);
  store_.keep_checkpoint(identity_.epoch, audit::encode(signed_->note));
}

void VerifiableLog::committed() {
  if (!signed_) return;
  filled_.clear();
  newest_ = std::exchange(signed_, std::nullopt);
}

Result<std::vector<Digest>> VerifiableLog::tile(const audit::Tile& tile) {
  const auto same = [&](const auto& each) {
    return each.tile.level == tile.level && each.tile.index == tile.index;
  };
  // At the edge there may be more hashes than the checkpoint has.
  auto partial = edge_.partial();
  for (auto* some : {&partial, &filled_})
    if (const auto found = std::find_if(some->begin(), some->end(), same); found != some->end())
      return std::vector<Digest>(found->hashes.begin(), found->hashes.begin() + tile.width);
  auto kept = store_.tile({tile.level, tile.index});
  if (kept) kept->resize(tile.width);
  return kept;
}

Result<audit::ProofFile> VerifiableLog::prove(std::uint64_t index) {
  if (index >= signed_size())
    return fail(Reason::not_found, "no checkpoint has that entry: there is none, or not yet");
  const auto size = signed_size();
  auto hashes = audit::prove_inclusion(index, size, subtrees_.of(size));
  if (!hashes) return fail(hashes.error());
  return audit::ProofFile{std::nullopt, index, std::move(*hashes), newest_->note};
}

Result<std::vector<Digest>> VerifiableLog::prove_growth(std::uint64_t from,
                                                        const std::vector<std::uint64_t>& leaves) {
  return audit::prove_growth(from, signed_size(), leaves, subtrees_.of(signed_size()));
}

Result<std::vector<Digest>> VerifiableLog::prove_consistency(std::uint64_t from) {
  return audit::prove_consistency(from, signed_size(), subtrees_.of(signed_size()));
}

bool VerifiableLog::check_more(std::uint32_t count) {
  // What no tile has yet was hashed at this start.
  const auto end = edge_.size() - edge_.size() % audit::tile_width;
  const auto stop = std::min<std::uint64_t>(end, checked_ + count);
  for (; checked_ < stop; checked_ += audit::tile_width) {
    const auto index = checked_ / audit::tile_width;
    const auto of_entries = leaves(checked_, checked_ + audit::tile_width);
    const auto kept = tile({0, index});
    if (!kept || *kept != of_entries) {
      const auto other =
          kept ? std::mismatch(kept->begin(), kept->end(), of_entries.begin()).first - kept->begin()
               : 0;
      disagrees(fmt::format("entry {} or its tile was altered",
                            checked_ + static_cast<std::uint64_t>(other)));
    }
    // Each tile's root stands in the one above it, up to what the checkpoint was made of.
    auto root = audit::root_of_tile(of_entries);
    auto at = index;
    for (unsigned level = 1;; ++level) {
      const auto above = tile({level, at / audit::tile_width,
                               audit::width_in(edge_.size(), level, at / audit::tile_width)});
      if (!above || (*above)[at % audit::tile_width] != root)
        disagrees(fmt::format("entries {} to {} were altered with their tile", checked_,
                              checked_ + audit::tile_width - 1));
      if (at % audit::tile_width != audit::tile_width - 1) break;
      root = audit::root_of_tile(*above);
      at /= audit::tile_width;
    }
  }
  return checked_ >= end;
}

}  // namespace liaison::broker
