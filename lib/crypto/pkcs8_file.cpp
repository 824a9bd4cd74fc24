#include "crypto/pkcs8_file.h"

#include <openssl/pkcs12.h>

#include <optional>

#include "crypto/digest.h"
#include "crypto/internal.h"
#include "crypto/pem.h"

namespace liaison::crypto {

namespace {

constexpr std::size_t key_bytes_max = 4096;
constexpr std::string_view plain_label = "PRIVATE KEY";
constexpr std::string_view encrypted_label = "ENCRYPTED PRIVATE KEY";
constexpr std::string_view checksum_name = "SHA-256: ";

Secret to_secret(std::string text) {
  Secret out(copy_of(as_bytes(text)));
  wipe(text.data(), text.size());
  return out;
}

std::string checksum_of(ByteView der) {
  return std::string(checksum_name) + sha256(der).text() + '\n';
}

std::string with_checksum(std::string_view label, ByteView der) {
  return to_pem(label, der) + checksum_of(der);
}

/// The octets of the block, nothing if they are not those that the line behind it names. A file
/// without that line was not written here.
std::optional<Bytes> checked(std::string_view label, std::string_view text) {
  const auto at = text.find(checksum_name);
  auto der = from_pem(label, text.substr(0, at), key_bytes_max);
  if (!der || (at != std::string_view::npos && text.substr(at) != checksum_of(*der)))
    return std::nullopt;
  return std::move(*der);
}

Pkcs8Ptr read_info(ByteView der) {
  const unsigned char* at = der.data();
  return Pkcs8Ptr(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
}

Secret write_info(const PKCS8_PRIV_KEY_INFO* info) {
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, nullptr);
  require(size > 0, "write a private key");
  Secret out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  i2d_PKCS8_PRIV_KEY_INFO(info, &at);
  return out;
}

Bytes encrypt(const Secret& pkcs8, const Secret& passphrase) {
  const auto info = read_info(pkcs8.view());
  Bytes salt(16);
  Bytes iv(16);
  random(salt);
  random(iv);
  X509_ALGOR* const scheme = PKCS5_pbe2_set_scrypt(
      EVP_aes_256_cbc(), salt.data(), static_cast<int>(salt.size()), iv.data(), 16384, 8, 1);
  require(info && scheme != nullptr, "set up the encryption of a key file");
  const SigPtr sealed(PKCS8_set0_pbe(as_text(passphrase.view()).data(),
                                     static_cast<int>(passphrase.size()), info.get(), scheme));
  if (sealed == nullptr) X509_ALGOR_free(scheme);  // it is the structure's own otherwise
  const int size = sealed ? i2d_X509_SIG(sealed.get(), nullptr) : 0;
  require(size > 0, "encrypt a key file");
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  i2d_X509_SIG(sealed.get(), &at);
  return out;
}

}  // namespace

KeyText kind_of_key_text(std::string_view text) {
  if (text.substr(0, 38).find("-----BEGIN ENCRYPTED PRIVATE KEY-----") == 0)
    return KeyText::encrypted;
  if (text.substr(0, 28).find("-----BEGIN PRIVATE KEY-----") == 0) return KeyText::plain;
  return KeyText::neither;
}

Secret write_key_text(const Secret& pkcs8, const Secret* passphrase) {
  if (passphrase == nullptr) return to_secret(with_checksum(plain_label, pkcs8.view()));
  return to_secret(with_checksum(encrypted_label, encrypt(pkcs8, *passphrase)));
}

Result<Secret> read_key_text(std::string_view text, const Secret* passphrase) {
  const auto damaged = [] {
    return fail(Reason::malformed, "is damaged: restore it from a backup of the keys");
  };
  if (kind_of_key_text(text) == KeyText::plain) {
    auto der = checked(plain_label, text);
    if (!der) return damaged();
    return Secret(std::move(*der));
  }
  const auto der = checked(encrypted_label, text);
  if (!der) return damaged();
  if (passphrase == nullptr) return fail(Reason::untrusted, "is encrypted: a passphrase is needed");
  const unsigned char* at = der->data();
  const SigPtr sealed(d2i_X509_SIG(nullptr, &at, static_cast<long>(der->size())));
  if (!sealed || at != der->data() + der->size()) {
    forget_errors();
    return damaged();
  }
  const Pkcs8Ptr info(PKCS8_decrypt(sealed.get(), as_text(passphrase->view()).data(),
                                    static_cast<int>(passphrase->size())));
  if (!info) {
    forget_errors();
    return fail(Reason::untrusted, "cannot be opened with this passphrase");
  }
  return write_info(info.get());
}

}  // namespace liaison::crypto
