#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/secret.h"

namespace liaison::crypto {

/// Where the passphrase of a directory's keys comes from.
struct PassphraseSource {
  enum class Kind {
    unprotected,  ///< none: the key files are plain; `status` shows it
    file,         ///< first line of `file`, which only its owner can read
    credential,   ///< $CREDENTIALS_DIRECTORY/`credential`, as the service manager decrypts it
    terminal,     ///< asked for at the terminal
  };
  Kind kind = Kind::unprotected;
  std::filesystem::path file;
  std::string credential = "liaison-passphrase";
};

/// The passphrase; an empty optional for `unprotected`. `confirm` asks twice at a terminal (new
/// keys). One line says what is missing and what to do.
enum class Ask { once, twice };
Result<std::optional<Secret>> read_passphrase(const PassphraseSource& source, Ask ask = Ask::once);

}  // namespace liaison::crypto
