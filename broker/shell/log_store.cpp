#include "broker/shell/log_store.h"

#include <algorithm>

#include "audit/hash.h"
#include "crypto/digest.h"
#include "wire/registry_leaf.h"

namespace liaison::broker {
namespace {

constexpr const char* entries_of(LogName name) {
  return name == LogName::registry
             ? "SELECT kind, at, body FROM registry WHERE position >= ? ORDER BY position LIMIT ?"
             : "SELECT entry FROM log WHERE leaf >= ? ORDER BY leaf LIMIT ?";
}

}  // namespace

LogStore::LogStore(store::Database& database, LogName name)
    : database_(database),
      name_(name),
      entries_(database.prepare(entries_of(name))),
      keep_tile_(database.prepare("INSERT OR REPLACE INTO tile VALUES (?,?)")),
      tile_(database.prepare("SELECT hashes FROM tile WHERE place = ?")),
      keep_checkpoint_(database.prepare("INSERT OR REPLACE INTO checkpoint VALUES (?,?,?)")) {
  if (name_ != LogName::message) return;
  auto find = database_.prepare("SELECT value FROM setting WHERE name = 'log_archived'");
  if (auto rows = find.query(); rows.next()) archived_ = rows.uint64(0);
}

/// One number for log, level and index: rows lie in order, and without an index of their own.
std::int64_t LogStore::key_of(const audit::Tile& tile) const {
  constexpr unsigned index_bits = 48;
  const auto level = static_cast<std::uint64_t>(name_) << 7 | tile.level;
  return static_cast<std::int64_t>(level << index_bits | tile.index);
}

std::uint64_t LogStore::size() {
  auto find = database_.prepare(name_ == LogName::registry
                                    ? "SELECT coalesce(max(position) + 1, 0) FROM registry"
                                    : "SELECT coalesce(max(leaf) + 1, 0) FROM log");
  auto rows = find.query();
  return std::max(archived_, rows.next() ? rows.uint64(0) : 0);
}

std::string LogStore::archive() {
  auto find = database_.prepare("SELECT value FROM setting WHERE name = 'log_archive'");
  auto rows = find.query();
  return rows.next() ? std::string(rows.text(0)) : "";
}

Result<std::vector<Bytes>> LogStore::read(std::uint64_t first, std::uint32_t count) {
  if (first >= archived_) return entries(first, count);
  const auto index = first / audit::tile_width;
  const auto where = archive();
  const auto octets = read_archive_ ? read_archive_(where, index)
                                    : fail(Reason::not_found, "it cannot be read here");
  if (!octets)
    return fail(octets.error().reason, "entries before " + std::to_string(archived_) +
                                           " are archived in " + where + ": " +
                                           octets.error().text);
  const auto entries = audit::parse_bundle(*octets, audit::tile_width);
  const auto hashes = tile({0, index});
  if (!hashes) return fail(hashes.error());
  const auto damaged = [&](const std::string& how) {
    return fail(Reason::untrusted, where + "/message/" +
                                       audit::entries_path_of(index, audit::tile_width) + ": " +
                                       how + ". Put a copy in its place that is as it was logged");
  };
  if (!entries) return damaged(entries.error().text);
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < audit::tile_width; ++at) {
    if (audit::leaf_hash((*entries)[at]) != (*hashes)[at])
      return damaged("entry " + std::to_string(index * audit::tile_width + at) +
                     " is not the one that was logged");
    if (index * audit::tile_width + at >= first && out.size() < count)
      out.push_back(copy_of((*entries)[at]));
  }
  return out;
}

std::vector<Bytes> LogStore::entries(std::uint64_t first, std::uint32_t count) {
  std::vector<Bytes> out;
  for (auto rows = entries_.query(first, count); rows.next();)
    out.push_back(name_ == LogName::message ? copy_of(rows.blob(0))
                                            : wire::encode(wire::RegistryLeaf{
                                                  static_cast<wire::EntryKind>(rows.int64(0)),
                                                  rows.instant(1), crypto::sha256(rows.blob(2))}));
  return out;
}

Result<std::vector<Digest>> LogStore::tile(const audit::Tile& tile) {
  auto rows = tile_.query(key_of(tile));
  if (!rows.next()) return fail(Reason::not_found, audit::path_of(tile) + " is not kept");
  return audit::parse_tile(rows.blob(0), tile.width);
}

std::optional<LogStore::KeptCheckpoint> LogStore::checkpoint() {
  auto find = database_.prepare(
      "SELECT epoch, note FROM checkpoint WHERE log = ? ORDER BY epoch DESC LIMIT 1");
  auto rows = find.query(static_cast<int>(name_));
  if (!rows.next()) return std::nullopt;
  return KeptCheckpoint{rows.uint64(0), std::string(rows.text(1))};
}

void LogStore::keep(const audit::TileEdge::Filled& tile) {
  keep_tile_.run(key_of(tile.tile), audit::encode_tile(tile.hashes));
}

void LogStore::drop_archived(std::uint64_t to, const std::string& archive) {
  auto keep = database_.prepare("INSERT OR REPLACE INTO setting VALUES (?,?)");
  keep.run("log_archived", to);
  keep.run("log_archive", archive);
  database_.prepare("DELETE FROM log WHERE leaf < ?").run(to);
}

void LogStore::keep_checkpoint(std::uint64_t epoch, const std::string& note) {
  keep_checkpoint_.run(static_cast<int>(name_), epoch, note);
}

}  // namespace liaison::broker
