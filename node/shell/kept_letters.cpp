#include "node/shell/kept_letters.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/taken_apart.h"

namespace liaison::node {
namespace {

constexpr std::size_t totals_cached_max = 4096;
constexpr std::string_view place = "letter";

/// The record, under the case's key: key, count of zeros, what stood before and behind the
/// ciphertext, what was encrypted without the part that lies with its case, and where that was.
struct Record {
  crypto::TakenApart parts;
  std::size_t cut_at = 0;
  std::size_t cut = 0;
};

void put(Bytes& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}
void put(Bytes& out, ByteView octets) {
  put(out, octets.size());
  out.insert(out.end(), octets.begin(), octets.end());
}

Secret pack(const Record& record) {
  const auto plain = record.parts.plain.view();
  Bytes out;
  out.reserve(record.parts.before.size() + plain.size() + 128);
  put(out, record.parts.content_key.view());
  put(out, record.parts.before);
  put(out, record.parts.after);
  put(out, record.parts.zeros);
  put(out, record.cut_at);
  put(out, record.cut);
  out.insert(out.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(record.cut_at));
  out.insert(out.end(), plain.begin() + static_cast<std::ptrdiff_t>(record.cut_at + record.cut),
             plain.end());
  return Secret(std::move(out));
}

/// Takes values off the front of a record. It was sealed here: what does not fit is a fault.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}
  std::size_t number() {
    const auto octets = take(4);
    return std::size_t{octets[0]} << 24U | std::size_t{octets[1]} << 16U |
           std::size_t{octets[2]} << 8U | std::size_t{octets[3]};
  }
  ByteView octets() { return take(number()); }
  ByteView take(std::size_t size) {
    if (in_.size() < size)
      throw store::Failure(store::Failure::Kind::corrupt,
                           "the node's store is damaged: a kept letter is cut short; restore from "
                           "a backup");
    const auto out = in_.first(size);
    in_ = in_.subspan(size);
    return out;
  }
  [[nodiscard]] std::size_t left() const { return in_.size(); }

 private:
  ByteView in_;
};

/// `part`: what was cut out.
crypto::TakenApart unpack(ByteView octets, ByteView part) {
  Reader in(octets);
  crypto::TakenApart out;
  out.content_key = Secret(copy_of(in.octets()));
  out.before = copy_of(in.octets());
  out.after = copy_of(in.octets());
  out.zeros = static_cast<std::uint32_t>(in.number());
  const auto cut_at = in.number();
  (void)in.number();
  Bytes plain = copy_of(in.take(cut_at));
  plain.insert(plain.end(), part.begin(), part.end());
  const auto rest = in.take(in.left());
  plain.insert(plain.end(), rest.begin(), rest.end());
  out.plain = Secret(std::move(plain));
  return out;
}

std::string place_without_case(const LetterId& id) {
  return "letter " + id.text();
}

}  // namespace

std::uint64_t& KeptLetters::bytes_of(const CaseId& id, const NodeId& with) {
  const std::pair key{id, with};
  if (const auto known = bytes_.find(key); known != bytes_.end()) return known->second;
  if (bytes_.size() >= totals_cached_max) bytes_.clear();
  auto rows = sql_.query(
      "SELECT coalesce(sum(bytes), 0) FROM letter_kept_case WHERE case_id = ? AND node = ?", id,
      with);
  return bytes_.emplace(key, rows.next() ? rows.uint64(0) : 0).first->second;
}

bool KeptLetters::keep(const wire::Letter& letter, const wire::Matter& matter, Secret content_key,
                       const std::set<CaseId>& about, const NodeId& with, Instant at) {
  auto parts = crypto::take_apart(letter.sealed, std::move(content_key));
  if (!parts) return false;
  Record record{std::move(*parts)};
  std::optional<Digest> document;
  std::optional<std::int64_t> index;
  if (const auto* part = std::get_if<wire::Part>(&matter)) {
    if (about.size() != 1) return false;
    const auto kept = cases_.part(*about.begin(), part->attachment, part->index);
    if (!kept || *kept != part->bytes) return false;
    const auto plain = record.parts.plain.view();
    const auto found = std::search(plain.begin(), plain.end(), kept->begin(), kept->end());
    if (found == plain.end()) return false;
    record.cut_at = static_cast<std::size_t>(found - plain.begin());
    record.cut = kept->size();
    document = part->attachment;
    index = part->index;
  }
  auto packed = pack(record);
  Bytes sealed;
  Bytes ids;
  if (about.empty()) sealed = cases_.seal_record(place_without_case(letter.id), packed.view());
  for (const auto& id : about) {
    sealed = cases_.seal(id, place, letter.id.view(), sealed.empty() ? packed.view() : sealed);
    ids.insert(ids.end(), id.octets.begin(), id.octets.end());
  }
  auto under = about;
  if (under.empty()) under.insert(CaseId());
  const auto most = about.empty() ? bytes_without_case_max : bytes_max;
  for (const auto& id : under)
    if (bytes_of(id, with) + sealed.size() > most) {
      log::warning("more letters of one node in one case than are kept to be disclosed",
                   {{"letter", letter.id.text()}, {"node", with.text()}});
      return false;
    }
  if (sql_.run("INSERT OR IGNORE INTO letter_kept(letter, node, at, cases, document, part, sealed) "
               "VALUES(?, ?, ?, ?, ?, ?, ?)",
               letter.id, with, at, ids, document, index, sealed) == 0)
    return false;
  for (const auto& id : under) {
    sql_.run("INSERT OR IGNORE INTO letter_kept_case(case_id, node, letter, bytes) VALUES(?,?,?,?)",
             id, with, letter.id, sealed.size());
    bytes_of(id, with) += sealed.size();
  }
  return true;
}

Result<KeptLetters::Kept> KeptLetters::letter(const LetterId& id) {
  Kept out;
  Bytes sealed;
  std::optional<Digest> document;
  std::uint16_t index = 0;
  {
    auto rows = sql_.query(
        "SELECT node, cases, document, part, sealed FROM letter_kept WHERE letter = ?", id);
    if (!rows.next())
      return fail(Reason::not_found,
                  "nothing of a letter of that id is kept here: it was not sent or taken here, or "
                  "its case was disposed of, or it was of no case and months ago");
    out.with = *NodeId::parse(rows.text(0));
    for (auto ids = rows.blob(1); ids.size() >= CaseId::size; ids = ids.subspan(CaseId::size))
      out.about.push_back(*CaseId::from(ids.first(CaseId::size)));
    if (!rows.is_null(2)) document = rows.id<Digest>(2);
    if (!rows.is_null(3)) index = static_cast<std::uint16_t>(rows.int64(3));
    sealed = copy_of(rows.blob(4));
  }
  for (auto at = out.about.rbegin(); at != out.about.rend(); ++at) {
    if (!cases_.has(*at)) return fail(Reason::not_found, "its case was disposed of here");
    sealed = cases_.open(*at, place, id.view(), sealed);
  }
  if (out.about.empty()) {
    auto plain = cases_.open_record(place_without_case(id), sealed);
    if (!plain) return fail(plain.error());
    sealed = std::move(*plain);
  }
  const Secret record(std::move(sealed));
  Bytes part;
  if (document) {
    auto kept = cases_.part(out.about.front(), *document, index);
    if (!kept)
      return fail(Reason::unavailable,
                  "the part of a document that it carried is not kept here any more");
    part = std::move(*kept);
  }
  auto parts = unpack(record.view(), part);
  auto whole = crypto::put_together(parts);
  if (!whole)
    return fail(Reason::unavailable, "what is kept of it does not make a letter any more");
  out.sealed = std::move(*whole);
  out.content_key = std::move(parts.content_key);
  return out;
}

void KeptLetters::forget(const LetterId& id) {
  sql_.run("DELETE FROM letter_kept WHERE letter = ?", id);
  sql_.run("DELETE FROM letter_kept_case WHERE letter = ?", id);
  bytes_.clear();
}

void KeptLetters::dispose_case(const CaseId& id) {
  sql_.run(
      "DELETE FROM letter_kept WHERE letter IN (SELECT letter FROM letter_kept_case WHERE case_id "
      "= ?)",
      id);
  sql_.run(
      "DELETE FROM letter_kept_case WHERE letter IN (SELECT letter FROM letter_kept_case WHERE "
      "case_id = ?)",
      id);
  bytes_.clear();
}

void KeptLetters::prune(Instant before) {
  sql_.run(
      "DELETE FROM letter_kept_case WHERE letter IN (SELECT letter FROM letter_kept WHERE cases = "
      "x'' AND at < ?)",
      before);
  sql_.run("DELETE FROM letter_kept WHERE cases = x'' AND at < ?", before);
  bytes_.clear();
}

}  // namespace liaison::node
