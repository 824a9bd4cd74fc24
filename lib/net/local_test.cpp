// What is on this machine alone: admin.sock, the directory's lock, signals, wake-ups, limits.

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "base/testing/temporary_directory.h"
#include "net/admin.h"
#include "net/directory_lock.h"
#include "net/limits.h"
#include "net/signals.h"
#include "net/testing/link.h"

using namespace liaison;
using namespace liaison::net;
using namespace liaison::net::testing;

namespace {

struct Directory {
  liaison::testing::TemporaryDirectory root;
  std::string path;
  explicit Directory(const std::string& under = {}) : path(root.path().string() + under) {
    std::filesystem::create_directories(path);
  }
};

/// Answers every question with itself in brackets, on a thread, until the end of the test.
class Answering {
 public:
  explicit Answering(const std::string& directory) : server_(directory) {
    thread_ = std::thread([this] {
      Poller poller;
      poller.add(server_);
      poller.add(stop_);
      while (!stop_.clear()) {
        for (const auto& call : server_.receive())
          server_.answer(call.id, "[" + call.line + "]");
        poller.wait(std::nullopt);
      }
    });
  }
  ~Answering() {
    stop_.wake();
    thread_.join();
  }

 private:
  AdminServer server_;
  Wakeup stop_;
  std::thread thread_;
};

Descriptor dial(const std::string& directory) {
  Descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (directory + "/admin.sock").c_str());
  REQUIRE(::connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return out;
}

void send_text(const Descriptor& to, const std::string& text) {
  REQUIRE(::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

const Duration longest{15000};

}  // namespace

TEST_CASE("a command asks the daemon and is answered", "[net]") {
  Directory directory;
  Answering answering(directory.path);
  CHECK(admin_call(directory.path, "{\"ask\":1}", longest) == "[{\"ask\":1}]");
  CHECK(admin_call(directory.path, "", longest) == "[]");
  std::string large(AdminServer::line_bytes_max, 'x');
  CHECK(admin_call(directory.path, large, longest) == "[" + large + "]");
  auto too_large = admin_call(directory.path, large + "x", longest);
  REQUIRE_FALSE(too_large.has_value());
  CHECK(too_large.error().reason == Reason::too_large);
  struct stat status {};
  REQUIRE(stat((directory.path + "/admin.sock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a directory with a long path has its socket all the same", "[net]") {
  Directory directory("/" + std::string(90, 'a') + "/" + std::string(90, 'b'));
  Answering answering(directory.path);
  CHECK(admin_call(directory.path, "hello", longest) == "[hello]");
}

TEST_CASE("where nothing serves, a command is told so", "[net]") {
  Directory directory;
  auto none = admin_call(directory.path, "hello", longest);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().reason == Reason::unavailable);
  // A socket left by a daemon that was killed is the same, and is replaced by the next.
  {
    Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, (directory.path + "/admin.sock").c_str());
    REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  CHECK(admin_call(directory.path, "hello", longest).error().reason == Reason::unavailable);
  CHECK(admin_call(directory.path + "/none", "hello", longest).error().reason ==
        Reason::unavailable);
  Answering answering(directory.path);
  CHECK(admin_call(directory.path, "hello", longest) == "[hello]");
}

TEST_CASE("a file that is not a socket is not replaced", "[net]") {
  Directory directory;
  std::ofstream(directory.path + "/admin.sock") << "kept";
  CHECK_THROWS_WITH(AdminServer(directory.path), Catch::Contains("not a socket"));
  std::ifstream in(directory.path + "/admin.sock");
  std::string text;
  in >> text;
  CHECK(text == "kept");
}

TEST_CASE("silent, slow and rude askers hold up nobody", "[net]") {
  Directory directory;
  AdminServer server(directory.path);
  auto silent = dial(directory.path);
  auto half = dial(directory.path);
  send_text(half, "half a quest");
  auto deaf = dial(directory.path);
  auto rude = dial(directory.path);
  auto good = dial(directory.path);
  send_text(deaf, "deaf\n");
  send_text(good, "one\ntwo\n");
  std::vector<std::string> lines;
  // What never ends is cut off at the limit.
  std::string noise(65536, 'x');
  bool rude_is_gone = false;
  REQUIRE(until({&server}, [&] {
    for (const auto& call : server.receive()) {
      lines.push_back(call.line);
      server.answer(call.id, call.line == "deaf" ? std::string(5000000, 'y') : "yes");
    }
    while (!rude_is_gone) {
      auto sent = ::send(rude.get(), noise.data(), noise.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EAGAIN) break;
      if (sent < 0) rude_is_gone = true;
    }
    return lines.size() == 3 && rude_is_gone;
  }));
  CHECK(std::count(lines.begin(), lines.end(), "one") == 1);
  CHECK(std::count(lines.begin(), lines.end(), "two") == 1);
  std::array<char, 16> answer{};
  std::string got;
  while (got.size() < 8) {
    auto size = ::recv(good.get(), answer.data(), answer.size(), 0);
    REQUIRE(size > 0);
    got.append(answer.data(), static_cast<std::size_t>(size));
  }
  CHECK(got == "yes\nyes\n");
  send_text(half, "ion\n");
  REQUIRE(until({&server}, [&] {
    for (const auto& call : server.receive())
      lines.push_back(call.line);
    return lines.size() == 4;
  }));
  CHECK(lines[3] == "half a question");
}

TEST_CASE("an asker that has gone costs nothing, nor do more than may ask at once", "[net]") {
  Directory directory;
  AdminServer server(directory.path);
  auto asker = std::make_unique<Descriptor>(dial(directory.path));
  send_text(*asker, "question\n");
  std::vector<AdminCall> calls;
  REQUIRE(until({&server}, [&] {
    for (auto& call : server.receive())
      calls.push_back(call);
    return calls.size() == 1;
  }));
  asker.reset();
  server.answer(calls[0].id, std::string(100000, 'x'));
  server.answer(99999, "to nobody");
  std::vector<Descriptor> many;
  for (std::size_t i = 0; i < AdminServer::connections_max; ++i)
    many.push_back(dial(directory.path));
  for (int i = 0; i < 10; ++i)
    CHECK(server.receive().empty());
  many.clear();
  auto last = dial(directory.path);
  send_text(last, "last\n");
  REQUIRE(until({&server}, [&] {
    for (auto& call : server.receive())
      calls.push_back(call);
    return calls.size() == 2;
  }));
}

TEST_CASE("a directory is one daemon's", "[net]") {
  Directory directory;
  CHECK_FALSE(is_locked(directory.path));
  auto lock = std::make_unique<DirectoryLock>(directory.path);
  CHECK(is_locked(directory.path));
  CHECK_THROWS_WITH(DirectoryLock(directory.path),
                    Catch::Contains("in use by process " + std::to_string(getpid())));
  CHECK(is_locked(directory.path));
  lock.reset();
  CHECK_FALSE(is_locked(directory.path));
  DirectoryLock again(directory.path);
  CHECK_THROWS_WITH(DirectoryLock(directory.path + "/none"), Catch::Contains("cannot use"));
}

TEST_CASE("a request to stop wakes the loop, and so does another thread", "[net]") {
  StopSignal stop;
  Wakeup wakeup;
  CHECK_FALSE(stop.asked());
  CHECK_FALSE(wakeup.clear());
  std::thread other([&] { wakeup.wake(); });
  Poller poller;
  poller.add(stop);
  poller.add(wakeup);
  poller.wait(std::nullopt);
  CHECK(wakeup.clear());
  other.join();
  CHECK_FALSE(wakeup.clear());
  ::kill(::getpid(), SIGTERM);
  poller.wait(std::nullopt);
  CHECK(stop.asked());
  CHECK(stop.asked());
  poller.wait(Duration(0));
}

TEST_CASE("the limit of descriptors is raised as far as it goes and never lowered", "[net]") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(raise_descriptor_limit(16) == before.rlim_cur);
  rlimit low{64, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(raise_descriptor_limit(200) == 200);
  CHECK(raise_descriptor_limit(before.rlim_cur) == before.rlim_cur);
}

TEST_CASE("a CURVE public key follows from its secret key", "[net]") {
  auto pair = generate_curve_pair();
  CHECK(curve_public_of(pair.secret_key) == pair.public_key);
  CHECK(generate_curve_pair().public_key != pair.public_key);
  CHECK_FALSE(curve_public_of(Secret(Bytes(31, 1))).has_value());
}
