#pragma once

namespace liaison {
/// Prints one line and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace liaison

/// A bug if false: always on, ends the process. Never for input, which is answered with a Result.
#define LIAISON_CHECK(condition) \
  ((condition) ? void(0) : ::liaison::check_failed(#condition, __FILE_NAME__, __LINE__))
