#include "crypto/password.h"

#include <argon2.h>

#include <array>

#include "crypto/internal.h"

namespace liaison::crypto {

std::string hash_password(std::string_view password, PasswordCost cost) {
  std::array<std::uint8_t, 16> salt{};
  random(salt);
  constexpr std::size_t hash_bytes = 32;
  std::string out(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, salt.size(),
                                    hash_bytes, Argon2_id),
                  '\0');
  require(argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(),
                                password.size(), salt.data(), salt.size(), hash_bytes, out.data(),
                                out.size()) == ARGON2_OK,
          "hash a password");
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(std::string_view password, const std::string& encoded) {
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace liaison::crypto
