#include "bench/broker_process.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "base/time.h"
#include "bench/program.h"
#include "net/admin.h"
#include "web/client.h"

namespace liaison::bench {
namespace {

/// A loopback port that was free a moment ago: the broker must come back at the same one.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0;
  close(descriptor);
  if (!bound) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

/// Sets what the configuration documents as a commented default.
void set(const std::filesystem::path& configuration, const std::string& key,
         const std::string& value) {
  std::ifstream in(configuration);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto at = text.find("\n# " + key + " = ");
  if (at == std::string::npos) throw std::runtime_error("the broker has no setting " + key);
  text.replace(at + 1, text.find('\n', at + 1) - at - 1, key + " = " + value);
  std::ofstream(configuration) << text;
}

}  // namespace

Usage usage_of(pid_t process) {
  Usage usage;
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  usage.cpu_s = static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream memory(fmt::format("/proc/{}/statm", process));
  long total = 0;
  long resident = 0;
  memory >> total >> resident;
  usage.rss_mib =
      static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  return usage;
}

Usage own_usage() {
  return usage_of(getpid());
}

BrokerProcess::BrokerProcess(const std::filesystem::path& parent) {
  std::string pattern = (parent / "liaison-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a directory under " + parent.string());
  directory_ = pattern;
  auto address = [] { return fmt::format("tcp://127.0.0.1:{}", free_port()); };
  const auto broker = directory_ / "broker";
  run({program("liaison-broker"), "init", broker.string(), "--name", "bench", "--unprotected",
       "--listen", address(), "--joining", address()},
      directory_ / "log");
  console_ = fmt::format("127.0.0.1:{}", free_port());
  set(broker / "liaison.toml", "console", "\"" + console_ + "\"");
  set(broker / "liaison.toml", "log_level", "\"warning\"");
  for (const char* key : {"mailbox_letters", "sender_letters", "letters_per_day"})
    set(broker / "liaison.toml", key, "10000000");
  for (const char* key : {"mailbox_bytes", "sender_bytes"})
    set(broker / "liaison.toml", key, "1099511627776");
}

BrokerProcess::~BrokerProcess() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

double BrokerProcess::start() {
  const auto begun = std::chrono::steady_clock::now();
  auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  process_ = launch({program("liaison-broker"), "serve", "--dir", (directory_ / "broker").string()},
                    directory_ / "log");
  for (;;) {
    if (net::admin_call((directory_ / "broker").string(), R"({"command":"status"})",
                        std::chrono::seconds(60)))
      break;
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_ || elapsed() > 120) {
      process_ = -1;
      throw std::runtime_error("the broker did not start; see " + (directory_ / "log").string());
    }
    usleep(2000);
  }
  return elapsed();
}

void BrokerProcess::stop() {
  if (process_ < 0) return;
  kill(process_, SIGTERM);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
}

nlohmann::json BrokerProcess::ask(const nlohmann::json& request) const {
  auto line =
      net::admin_call((directory_ / "broker").string(), request.dump(), std::chrono::seconds(30));
  if (!line) throw std::runtime_error(line.error().text);
  auto answer = nlohmann::json::parse(*line);
  if (answer.contains("error")) throw std::runtime_error(answer["error"].get<std::string>());
  return answer["ok"];
}

certs::Invitation BrokerProcess::invite(const NodeId& node, NodeRole role) {
  auto answer = ask({{"command", "invite"},
                     {"node", node.text()},
                     {"organisation", "Benchmark (invented)"},
                     {"role", role == NodeRole::adviser ? "adviser" : "provider"}});
  auto invitation = certs::parse_invitation(answer["invitation"].get<std::string>());
  if (!invitation) throw std::runtime_error(invitation.error().text);
  return *invitation;
}

double BrokerProcess::metric(const std::string& name) const {
  auto answer = web::Client("http://" + console_).request(web::Method::get, "/metrics");
  if (!answer) throw std::runtime_error(answer.error().text);
  std::istringstream lines(answer->body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
  }
  return 0;
}

}  // namespace liaison::bench
