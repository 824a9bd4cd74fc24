#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace liaison::crypto {

/// How much a guess costs. The default is RFC 9106's second choice: 64 MiB, 3 passes, about 0.1 s.
struct PasswordCost {
  unsigned memory_kib = 65536;
  unsigned passes = 3;
  unsigned lanes = 4;
};

/// argon2id of `password` in its encoded form ("$argon2id$v=19$..."), with a fresh salt.
std::string hash_password(std::string_view password, PasswordCost cost = {});
/// Whether `password` is the one of `encoded`. False also for a damaged `encoded`.
bool verify_password(std::string_view password, const std::string& encoded);

}  // namespace liaison::crypto
