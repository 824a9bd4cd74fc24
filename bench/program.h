#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace liaison::bench {

/// Where that program lies: beside this one.
std::string program(const std::string& name);

/// Starts a program; what it prints is added to `log`. Throws if it is not there.
pid_t launch(const std::vector<std::string>& arguments, const std::filesystem::path& log);

/// What a program took that ended well; throws if it did not.
struct Ran {
  double seconds = 0;
  double peak_mib = 0;  ///< of resident memory, looked at 50 times a second
};
Ran run(const std::vector<std::string>& arguments, const std::filesystem::path& log);

/// The most resident memory that a process has had so far.
double peak_mib(pid_t process);

}  // namespace liaison::bench
