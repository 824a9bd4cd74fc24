#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace liaison::cli {

/// The whole of `path`, or of standard input for "-". too_large over `bytes_max`; one line names
/// the file and what is wrong with it.
Result<std::string> read_input(const std::string& path, std::size_t bytes_max);

/// A password: asked without echo at a terminal (twice to confirm, if `confirm`), else the first
/// line of standard input. Malformed: empty, over 1,024 octets, or the two differ.
enum class Confirm { no, yes };
Result<std::string> read_password(const std::string& prompt, Confirm confirm);

/// The single line of a file that only its owner can read: a token, a passphrase.
Result<std::string> read_private_line(const std::string& path);
/// Writes `octets` to a file with mode 0600: beside it, synced, then renamed to it, in place of
/// whatever was there (of a link, not of what it leads to). Throws std::runtime_error, one line, if
/// it cannot; what was there then stays, and nothing is left beside it.
void write_private(const std::string& path, std::string_view octets);
/// write_private() of `line` and a newline.
void write_private_line(const std::string& path, const std::string& line);

}  // namespace liaison::cli
