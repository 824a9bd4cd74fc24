#include "bench/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace liaison::bench {

std::string program(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

pid_t launch(const std::vector<std::string>& arguments, const std::filesystem::path& log) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = -1;
  int status = posix_spawn(&process, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (status != 0)
    throw std::runtime_error("cannot start " + arguments[0] + "; run scripts/build first");
  return process;
}

double peak_mib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

Ran run(const std::vector<std::string>& arguments, const std::filesystem::path& log) {
  const auto begun = std::chrono::steady_clock::now();
  const auto process = launch(arguments, log);
  // What wait4() says of memory counts this process's too, from before the program was loaded.
  pollfd end{static_cast<int>(syscall(SYS_pidfd_open, process, 0)), POLLIN, 0};
  Ran out;
  do
    out.peak_mib = std::max(out.peak_mib, peak_mib(process));
  while (end.fd >= 0 && poll(&end, 1, 20) == 0);
  if (end.fd >= 0) close(end.fd);
  int status = 0;
  waitpid(process, &status, 0);
  if (status != 0)
    throw std::runtime_error(arguments[0] + " " + arguments[1] + " failed; see " + log.string());
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return out;
}

}  // namespace liaison::bench
