#pragma once

namespace liaison::crypto {

/// Call once in main(), before anything else here. Throws std::runtime_error if the OpenSSL that
/// runs is older than 3.0.21, which accepts forged AuthEnvelopedData (CVE-2026-34182).
void start();

}  // namespace liaison::crypto
