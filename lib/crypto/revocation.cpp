#include "crypto/revocation.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/oid.h"
#include "crypto/x509.h"

namespace liaison::crypto {

struct RevocationList::Parts {
  Bytes der;
  std::uint64_t number = 0;
  Instant issued_at;
  std::vector<RevocationEntry> entries;
  std::map<Serial, std::size_t> by_serial;
  ByteView signed_part;  ///< these point into `der`
  ByteView signature;
  Bytes issuer;
  Bytes issuer_key_id;
};

namespace {

constexpr auto version_2 = oid::octets(0x02, 1, 1);

struct Named {
  RevocationReason reason;
  const char* name;
};
constexpr std::array<Named, 6> reasons{
    {{RevocationReason::unspecified, "unspecified"},
     {RevocationReason::key_compromise, "key_compromise"},
     {RevocationReason::affiliation_changed, "affiliation_changed"},
     {RevocationReason::superseded, "superseded"},
     {RevocationReason::cessation_of_operation, "cessation_of_operation"},
     {RevocationReason::privilege_withdrawn, "privilege_withdrawn"}}};

Bytes write_entry(const RevocationEntry& entry) {
  Bytes extensions;
  if (entry.reason != RevocationReason::unspecified) {  // RFC 5280, 5.3.1: absent, not 0
    const std::uint8_t code[1] = {static_cast<std::uint8_t>(entry.reason)};
    der::append(extensions,
                extension(oid::crl_reason, Critical::no, {der::tlv(der::enumerated, {code})}));
  }
  if (entry.as_of) {
    der::append(extensions,
                extension(oid::invalidity_date, Critical::no, {der::generalized(*entry.as_of)}));
  }
  const auto wrapped = extensions.empty() ? Bytes{} : der::tlv(der::sequence, {extensions});
  return der::tlv(der::sequence, {der::unsigned_integer(ByteView(entry.serial)),
                                  der::time(entry.revoked_at), wrapped});
}

/// GeneralizedTime whatever the year, as invalidityDate has it.
std::optional<Instant> read_invalidity(ByteView value) {
  der::Reader reader(value);
  const auto element = reader.next(der::generalized_time);
  if (!element || !reader.at_end() || element->content.size() != 15) return std::nullopt;
  const auto text = as_text(element->content);
  const auto part = [&](std::size_t at, std::size_t size) {
    return std::string(text.substr(at, size));
  };
  const auto at = parse_rfc3339(part(0, 4) + '-' + part(4, 2) + '-' + part(6, 2) + 'T' +
                                part(8, 2) + ':' + part(10, 2) + ':' + part(12, 3));
  if (!at) return std::nullopt;
  return *at;
}

std::optional<RevocationEntry> read_entry(const der::Element& element) {
  der::Reader inside(element.content);
  const auto serial = inside.next(der::integer);
  const auto time = inside.next();
  if (!serial || !time || serial->content.size() > 20) return std::nullopt;
  auto magnitude = der::read_unsigned(serial->content);
  const auto at = der::read_time(*time);
  if (!magnitude || magnitude->empty() || !at) return std::nullopt;
  RevocationEntry out{std::move(*magnitude), *at, RevocationReason::unspecified, std::nullopt};
  const auto list = inside.at_end() ? std::nullopt : inside.enter(der::sequence);
  const auto extensions = list ? read_extensions(*list) : std::nullopt;
  if (extensions) {
    if (const auto* const found = find_extension(*extensions, oid::crl_reason); found != nullptr) {
      der::Reader value(found->value);
      const auto code = value.next(der::enumerated);
      if (!code || code->content.size() != 1) return std::nullopt;
      out.reason = static_cast<RevocationReason>(code->content[0]);
    }
    if (const auto* const found = find_extension(*extensions, oid::invalidity_date);
        found != nullptr) {
      out.as_of = read_invalidity(found->value);
    }
  }
  const bool known = std::any_of(reasons.begin(), reasons.end(),
                                 [&](const Named& each) { return each.reason == out.reason; });
  // One entry has one encoding, so whatever else stands in it is found by writing it anew.
  if (!known || !equal(write_entry(out), element.whole)) return std::nullopt;
  return out;
}

Bytes write_list(std::uint64_t number, ByteView entries, ByteView issuer, ByteView issuer_key_id,
                 Instant now) {
  // RFC 5280 wants a next update; this list holds until one with a higher number comes, and
  // 99991231235959Z is its word for "no end" (4.1.2.5).
  static const Bytes no_end = der::tlv(der::generalized_time, {as_bytes("99991231235959Z")});
  const auto wrapped = entries.empty() ? Bytes{} : der::tlv(der::sequence, {entries});
  const auto extensions = der::tlv(
      der::sequence, {authority_key_id_extension(issuer_key_id),
                      extension(oid::crl_number, Critical::no, {der::unsigned_integer(number)})});
  return der::tlv(der::sequence, {version_2, oid::ecdsa_sha256, issuer, der::time(now), no_end,
                                  wrapped, der::tlv(der::context_0_constructed, {extensions})});
}

std::optional<Bytes> read_issuer_key_id(const std::vector<Extension>& extensions) {
  const auto* const found = find_extension(extensions, oid::authority_key_id);
  auto inside = found != nullptr ? der::only(found->value, der::sequence) : std::nullopt;
  const auto id = inside ? inside->next(der::context_0) : std::nullopt;
  if (!id) return std::nullopt;
  return copy_of(id->content);
}

std::optional<std::uint64_t> read_number(const std::vector<Extension>& extensions) {
  const auto* const found = find_extension(extensions, oid::crl_number);
  if (found == nullptr) return std::nullopt;
  der::Reader reader(found->value);
  const auto number = reader.next(der::integer);
  return number ? der::read_uint64(number->content) : std::nullopt;
}

}  // namespace

const char* name_of(RevocationReason reason) {
  for (const auto& each : reasons) {
    if (each.reason == reason) return each.name;
  }
  return "unspecified";
}

Result<RevocationReason> parse_revocation_reason(std::string_view text) {
  std::string known;
  for (const auto& each : reasons) {
    if (text == each.name) return each.reason;
    known += known.empty() ? "" : ", ";
    known += each.name;
  }
  return fail(Reason::malformed, "a reason is one of " + known);
}

Result<RevocationList> RevocationList::parse(ByteView der) {
  const auto malformed = [] {
    return fail(Reason::malformed, "not a revocation list of this exchange's form");
  };
  if (der.size() > revocation_list_bytes_max)
    return fail(Reason::too_large, "the revocation list is over 512 KiB");
  if (!der::is_strict(der, 12)) return malformed();
  auto parts = std::make_shared<Parts>();
  parts->der = copy_of(der);
  auto object = read_signed_object(parts->der);
  if (!object || !object->inside.skip(version_2) || !object->inside.skip(oid::ecdsa_sha256))
    return malformed();
  auto& inside = object->inside;
  const auto issuer = inside.next(der::sequence);
  const auto this_update = inside.next();
  if (!issuer || !this_update || !inside.next(der::generalized_time)) return malformed();
  const auto at = der::read_time(*this_update);
  auto list = inside.peek() == der::sequence ? inside.next(der::sequence) : der::Element{};
  const auto wrapped = inside.next(der::context_0_constructed);
  if (!at || !list || !wrapped) return malformed();
  const auto extension_list = der::only(wrapped->content, der::sequence);
  const auto extensions = extension_list ? read_extensions(*extension_list) : std::nullopt;
  const auto number = extensions ? read_number(*extensions) : std::nullopt;
  auto key_id = extensions ? read_issuer_key_id(*extensions) : std::nullopt;
  if (!number || *number == 0 || !key_id) return malformed();
  if (!equal(object->signed_part, write_list(*number, list->content, issuer->whole, *key_id, *at)))
    return malformed();
  der::Reader each(list->content);
  while (!each.at_end()) {
    const auto element = each.next(der::sequence);
    auto entry = element ? read_entry(*element) : std::nullopt;
    if (!entry || !parts->by_serial.emplace(entry->serial, parts->entries.size()).second)
      return malformed();
    parts->entries.push_back(std::move(*entry));
  }
  parts->number = *number;
  parts->issued_at = *at;
  parts->signed_part = object->signed_part;
  parts->signature = object->signature;
  parts->issuer = copy_of(issuer->whole);
  parts->issuer_key_id = std::move(*key_id);
  return RevocationList(std::move(parts));
}

Result<void> RevocationList::verify(const Certificate& authority) const {
  if (parts_->issuer != authority.subject() || parts_->issuer_key_id != authority.key_id() ||
      !authority.public_key().verify(parts_->signed_part, parts_->signature)) {
    return fail(Reason::untrusted,
                "the revocation list is not signed by this exchange's authority");
  }
  return {};
}

RevocationList RevocationList::make(std::uint64_t number,
                                    const std::vector<RevocationEntry>& entries,
                                    const PrivateKey& key, const Certificate& authority,
                                    Instant now) {
  LIAISON_CHECK(number >= 1);
  std::map<Serial, std::size_t> seen;
  Bytes list;
  for (const auto& entry : entries) {
    if (seen.emplace(entry.serial, seen.size()).second) der::append(list, write_entry(entry));
  }
  const auto tbs = write_list(number, list, authority.subject(), authority.key_id(), now);
  auto made = parse(make_signed_object(tbs, key));
  LIAISON_CHECK(made.has_value());
  return std::move(*made);
}

const Bytes& RevocationList::der() const {
  return parts_->der;
}
std::uint64_t RevocationList::number() const {
  return parts_->number;
}
Instant RevocationList::issued_at() const {
  return parts_->issued_at;
}
const std::vector<RevocationEntry>& RevocationList::entries() const {
  return parts_->entries;
}

const RevocationEntry* RevocationList::find(const Serial& serial) const {
  const auto found = parts_->by_serial.find(serial);
  return found == parts_->by_serial.end() ? nullptr : &parts_->entries[found->second];
}

bool RevocationList::is_revoked(const Serial& serial, Instant at) const {
  const auto* const entry = find(serial);
  return entry != nullptr && at >= entry->holds_until();
}

void Revocations::add(const RevocationList& list) {
  for (const auto& entry : list.entries()) {
    auto& kept = by_serial_.try_emplace(entry.serial, entry).first->second;
    if (entry.holds_until() < kept.holds_until()) kept = entry;
  }
}

const RevocationEntry* Revocations::find(const Serial& serial) const {
  const auto found = by_serial_.find(serial);
  return found == by_serial_.end() ? nullptr : &found->second;
}

bool Revocations::is_revoked(const Serial& serial, Instant at) const {
  const auto* const entry = find(serial);
  return entry != nullptr && at >= entry->holds_until();
}

}  // namespace liaison::crypto
