#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/bytes.h"
#include "crypto/key.h"

/// What the sources of this folder share of OpenSSL; no header that others include includes it.
namespace liaison::crypto {

template <auto Function>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using DecoderPtr = std::unique_ptr<OSSL_DECODER_CTX, Deleter<OSSL_DECODER_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Deleter<PKCS8_PRIV_KEY_INFO_free>>;
using SigPtr = std::unique_ptr<X509_SIG, Deleter<X509_SIG_free>>;

struct KeyHandle {
  PkeyPtr key;
  Bytes spki;  ///< of a P-256 key
};

/// Ends with an exception if OpenSSL could not do what only a machine without memory cannot: for
/// calls whose input is our own. Never for input.
void require(bool done, const char* what);

/// Forgets OpenSSL's queue of errors, after a call that failed on input.
void forget_errors();

/// Fetched once: an implicit fetch at every use costs more than hashing a letter.
const EVP_MD* sha256_algorithm();
const EVP_CIPHER* aes256_gcm_algorithm();
const EVP_CIPHER* aes256_wrap_algorithm();

void random(std::span<std::uint8_t> out);

/// A fresh P-256 key pair.
PkeyPtr generate_p256();
/// The 65 octets 04 || X || Y of a P-256 key.
Bytes point_of(EVP_PKEY* key);
/// The public key at `point`; nothing unless it is 65 octets, uncompressed and on the curve.
PkeyPtr key_at(ByteView point);

}  // namespace liaison::crypto
