#include "broker/shell/letter_index.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/log.h"
#include "wire/log_entry.h"

namespace liaison::broker {
namespace {

constexpr std::uint32_t at_once = 1024;
constexpr std::uint64_t blocks_in_a_transaction = 64;
constexpr unsigned buckets = 256;
/// An entry in its block's part of a bucket: 32 bits of its letter's hash, 16 of its place there.
constexpr std::size_t octets_of_entry = 6;

std::uint64_t bucket_of(std::uint64_t hash) {
  return hash >> 56;
}

std::uint32_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 24);
}

/// One number, so that rows lie in order of it: a bucket's together, by block.
std::int64_t place_of(std::uint64_t bucket, std::uint64_t block) {
  constexpr unsigned block_bits = 40;
  return static_cast<std::int64_t>(bucket << block_bits | block);
}

std::uint64_t block_of(std::uint64_t place) {
  return place & ((std::uint64_t{1} << 40) - 1);
}

void put(Bytes& out, std::uint32_t tag, std::uint64_t offset) {
  for (const auto shift : {24U, 16U, 8U, 0U})
    out.push_back(static_cast<std::uint8_t>(tag >> shift));
  out.push_back(static_cast<std::uint8_t>(offset >> 8));
  out.push_back(static_cast<std::uint8_t>(offset));
}

/// Of a row, what comes before that place in its block. They are in order.
Bytes kept_before(ByteView entries, std::uint64_t offset) {
  std::size_t end = 0;
  while (end + octets_of_entry <= entries.size() &&
         (std::uint64_t{entries[end + 4]} << 8 | entries[end + 5]) < offset)
    end += octets_of_entry;
  return copy_of(entries.first(end));
}

}  // namespace

LetterIndex::LetterIndex(store::Database& database, Entropy& entropy)
    : database_(database),
      entropy_(entropy),
      keep_(database.prepare("INSERT OR REPLACE INTO letter_place VALUES (?,?)")),
      find_(database.prepare(
          "SELECT place, entries FROM letter_place WHERE place BETWEEN ? AND ? ORDER BY place")) {}

IdSecret LetterIndex::secret_of_store() {
  constexpr const char* name = "letters_secret";
  auto find = database_.prepare("SELECT value FROM setting WHERE name = ?");
  std::array<std::uint8_t, sizeof(IdSecret)> octets{};
  if (auto rows = find.query(name); rows.next()) {
    const auto kept = rows.blob(0);
    std::copy_n(kept.begin(), std::min(kept.size(), octets.size()), octets.begin());
    return std::bit_cast<IdSecret>(octets);
  }
  const auto secret = fresh_id_secret(entropy_);
  octets = std::bit_cast<decltype(octets)>(secret);
  store::Transaction change(database_);
  database_.prepare("INSERT INTO setting VALUES (?,?)").run(name, ByteView(octets));
  change.commit();
  return secret;
}

void LetterIndex::load(LogStore& log) {
  secret_ = secret_of_store();
  auto find = database_.prepare("SELECT value FROM setting WHERE name = 'letter_blocks'");
  if (auto rows = find.query(); rows.next()) kept_ = keeping_ = rows.uint64(0);
  auto find_end = database_.prepare("SELECT value FROM setting WHERE name = 'letters_end'");
  end_ = kept_ * block_entries;
  if (auto rows = find_end.query(); rows.next()) end_ = std::max(end_, rows.uint64(0));
  open_.clear();
  open_from_ = end_;
  for (const auto size = log.size(); end_ < size;) {
    const auto some = log.read(end_, at_once);
    if (!some && end_ < log.archived()) {
      log::warning(
          "letters that are archived cannot be looked up by their ids",
          {{"entries_before", std::to_string(log.archived())}, {"why", some.error().text}});
      end_ = log.archived();
      continue;
    }
    if (!some || some->empty()) break;
    for (const auto& each : *some) {
      const auto entry = wire::decode_log_entry(each);
      append(end_, entry ? entry->letter : LetterId{});
    }
    if (end_ / block_entries < kept_ + blocks_in_a_transaction) continue;
    store::Transaction change(database_);
    keep();
    change.commit();
    committed();
  }
}

void LetterIndex::append(std::uint64_t leaf, const LetterId& letter) {
  end_ = leaf + 1;
  if (!letter.is_zero()) open_.push_back({id_hash(letter, secret_), leaf});
}

void LetterIndex::keep() {
  const auto full = end_ / block_entries;
  if (full == keeping_) return;
  while (keeping_ < full)
    keep_block(keeping_++);
  database_.prepare("INSERT OR REPLACE INTO setting VALUES ('letter_blocks',?)").run(keeping_);
}

void LetterIndex::keep_all() {
  keep();
  if (end_ == std::max(all_kept_to_, keeping_ * block_entries)) return;
  all_kept_to_ = end_;
  keep_block(keeping_);
  database_.prepare("INSERT OR REPLACE INTO setting VALUES ('letters_end',?)").run(end_);
}

void LetterIndex::keep_block(std::uint64_t block) {
  const auto first = block * block_entries;
  std::array<Bytes, buckets> parts;
  if (open_from_ > first)  // of before this start
    for (std::uint64_t bucket = 0; bucket < buckets; ++bucket)
      if (auto rows = find_.query(place_of(bucket, block), place_of(bucket, block)); rows.next())
        parts[bucket] = kept_before(rows.blob(1), open_from_ - first);
  auto entry = std::lower_bound(open_.begin(), open_.end(), first,
                                [](const Entry& each, auto leaf) { return each.leaf < leaf; });
  for (; entry != open_.end() && entry->leaf < first + block_entries; ++entry)
    put(parts[bucket_of(entry->hash)], tag_of(entry->hash), entry->leaf - first);
  for (std::uint64_t bucket = 0; bucket < buckets; ++bucket)
    if (!parts[bucket].empty()) keep_.run(place_of(bucket, block), parts[bucket]);
}

void LetterIndex::committed() {
  if (kept_ == keeping_) return;
  kept_ = keeping_;
  std::erase_if(open_, [&](const Entry& each) { return each.leaf < kept_ * block_entries; });
}

std::vector<std::uint64_t> LetterIndex::find(const LetterId& letter) {
  const auto hash = id_hash(letter, secret_);
  const auto bucket = bucket_of(hash);
  Bytes tag;
  put(tag, tag_of(hash), 0);
  std::vector<std::uint64_t> out;
  for (auto rows = find_.query(place_of(bucket, 0), place_of(bucket + 1, 0) - 1); rows.next();) {
    const auto first = block_of(rows.uint64(0)) * block_entries;
    const auto entries = rows.blob(1);
    for (std::size_t at = 0; at + octets_of_entry <= entries.size(); at += octets_of_entry)
      if (std::equal(tag.begin(), tag.begin() + 4, entries.data() + at))
        out.push_back(first + (std::uint64_t{entries[at + 4]} << 8 | entries[at + 5]));
  }
  for (const auto& entry : open_)
    if (entry.hash == hash) out.push_back(entry.leaf);
  // What is open may have been kept once already.
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace liaison::broker
