#include "crypto/x509.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/digest.h"
#include "crypto/internal.h"
#include "crypto/oid.h"
#include "crypto/signature.h"

namespace liaison::crypto {

std::optional<SignedObject> read_signed_object(ByteView der) {
  auto outer = der::only(der, der::sequence);
  if (!outer) return std::nullopt;
  const auto part = outer->next(der::sequence);
  if (!part || !outer->skip(oid::ecdsa_sha256)) return std::nullopt;
  const auto bits = outer->next(der::bit_string);
  if (!bits || !outer->at_end() || bits->content.size() < 2 || bits->content[0] != 0)
    return std::nullopt;
  return SignedObject{part->whole, der::Reader(part->content), bits->content.subspan(1)};
}

Bytes signed_object(ByteView signed_part, ByteView signature) {
  static constexpr std::uint8_t no_unused_bits[1] = {0};
  return der::tlv(der::sequence, {signed_part, oid::ecdsa_sha256,
                                  der::tlv(der::bit_string, {no_unused_bits, signature})});
}

Bytes make_signed_object(ByteView signed_part, const PrivateKey& key) {
  return signed_object(signed_part, key.sign(signed_part));
}

Bytes make_signed_certificate(ByteView signed_part, const PrivateKey& key) {
  auto signature = key.sign(signed_part);
  for (int tries = 1; !is_low(signature); ++tries) {
    LIAISON_CHECK(tries < 128);  // each is low with probability one half
    signature = key.sign(signed_part);
  }
  return signed_object(signed_part, signature);
}

std::optional<std::vector<Extension>> read_extensions(der::Reader reader) {
  static constexpr std::uint8_t yes[3] = {der::boolean, 1, 0xff};
  constexpr std::size_t extensions_max = 16;
  std::vector<Extension> out;
  while (!reader.at_end()) {
    auto inside = reader.enter(der::sequence);
    const auto id = inside ? inside->next(der::object) : std::nullopt;
    if (!id || out.size() == extensions_max || find_extension(out, id->whole) != nullptr)
      return std::nullopt;
    const bool critical = inside->skip(yes);  // FALSE is the default, so DER leaves it out
    const auto value = inside->next(der::octet_string);
    if (!value || !inside->at_end()) return std::nullopt;
    out.push_back({id->whole, critical, value->content});
  }
  return out;
}

const Extension* find_extension(const std::vector<Extension>& extensions, ByteView oid) {
  const auto found = std::find_if(extensions.begin(), extensions.end(),
                                  [&](const Extension& each) { return equal(each.oid, oid); });
  return found == extensions.end() ? nullptr : &*found;
}

Bytes extension(ByteView oid, Critical critical, std::initializer_list<ByteView> value) {
  static constexpr std::uint8_t yes[3] = {der::boolean, 1, 0xff};
  const auto flag = critical == Critical::yes ? ByteView(yes) : ByteView();
  return der::tlv(der::sequence, {oid, flag, der::tlv(der::octet_string, value)});
}

Bytes name(std::initializer_list<NamePart> parts) {
  Bytes content;
  for (const auto& part : parts) {
    const auto text = der::tlv(der::utf8_string, {as_bytes(part.text)});
    der::append(content, der::tlv(der::set, {der::tlv(der::sequence, {part.oid, text})}));
  }
  return der::tlv(der::sequence, {content});
}

std::optional<std::vector<std::string>> read_name(ByteView whole,
                                                  std::initializer_list<ByteView> oids) {
  auto inside = der::only(whole, der::sequence);
  if (!inside) return std::nullopt;
  std::vector<std::string> out;
  for (const auto oid : oids) {
    const auto rdn = inside->next(der::set);
    auto pair = rdn ? der::only(rdn->content, der::sequence) : std::nullopt;
    if (!pair || !pair->skip(oid)) return std::nullopt;
    const auto text = pair->next(der::utf8_string);
    if (!text || !pair->at_end()) return std::nullopt;
    out.emplace_back(as_text(text->content));
  }
  if (!inside->at_end()) return std::nullopt;
  return out;
}

Bytes uris(std::initializer_list<std::string_view> list) {
  Bytes content;
  for (const auto each : list)
    der::append(content, der::tlv(der::context_6, {as_bytes(each)}));
  return der::tlv(der::sequence, {content});
}

std::optional<std::vector<std::string>> read_uris(ByteView value) {
  auto inside = der::only(value, der::sequence);
  if (!inside) return std::nullopt;
  std::vector<std::string> out;
  while (!inside->at_end()) {
    const auto uri = inside->next(der::context_6);
    if (!uri || out.size() == 4) return std::nullopt;
    out.emplace_back(as_text(uri->content));
  }
  return out;
}

Bytes key_id_of(const PublicKey& key) {
  const auto digest = sha256(ByteView(key.spki()).subspan(oid::p256_spki.size()));
  return copy_of(digest.view().first(20));
}

Bytes subject_key_id_extension(ByteView key_id) {
  return extension(oid::subject_key_id, Critical::no, {der::tlv(der::octet_string, {key_id})});
}

Bytes authority_key_id_extension(ByteView key_id) {
  return extension(oid::authority_key_id, Critical::no,
                   {der::tlv(der::sequence, {der::tlv(der::context_0, {key_id})})});
}

Certificate make_certificate(const CertificateParts& parts, const PrivateKey& issuer_key) {
  static constexpr auto version_3 = oid::octets(0xa0, 3, 0x02, 1, 2);
  Serial serial(16);
  random(serial);
  serial[0] =
      static_cast<std::uint8_t>((serial[0] & 0x3fU) | 0x40U);  // positive, and always 16 octets
  const auto tbs = der::tlv(
      der::sequence,
      {version_3, der::unsigned_integer(ByteView(serial)), oid::ecdsa_sha256, parts.issuer,
       der::tlv(der::sequence, {der::time(parts.not_before), der::time(parts.not_after)}),
       parts.subject, parts.spki,
       der::tlv(der::context_3_constructed, {der::tlv(der::sequence, {parts.extension_list})})});
  auto made = Certificate::parse(make_signed_certificate(tbs, issuer_key));
  LIAISON_CHECK(made.has_value());
  return std::move(*made);
}

}  // namespace liaison::crypto
