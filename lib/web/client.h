#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "web/http.h"

namespace liaison::web {

struct ClientOptions {
  std::chrono::seconds connect_max{5};
  std::chrono::seconds answer_max{60};  ///< for each octet that is waited for
  std::size_t answer_bytes_max = std::size_t{64} << 20;
  /// Whether the certificate of an https server is checked, by the authorities that this machine
  /// trusts, or those of a PEM file.
  enum class Certificate { taken, checked } certificate = Certificate::taken;
  std::string authorities_file = {};
};

/// What the commands speak to a desk with, and the broker to witnesses: one connection.
class Client {
 public:
  /// `url` as Server::url says it: scheme, host and port.
  explicit Client(const std::string& url, const ClientOptions& options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Goes with every request from here on.
  void set_bearer_token(const std::string& token);

  /// Why there is no answer. Nobody could be asked (nobody listens, no connection): nothing was
  /// sent, so nothing was done. Asked in vain: what was sent may have been done, or not.
  static constexpr Reason could_not_ask = Reason::unavailable;
  static constexpr Reason no_answer = Reason::busy;
  /// The answer, whatever its status; could_not_ask or no_answer, and where: what to do about it
  /// depends on what was asked, which the caller adds.
  Result<Response> request(Method method, const std::string& path, const std::string& body = {},
                           const std::string& content_type = "application/json",
                           const std::vector<Header>& headers = {});
  /// From another thread: ends the request that waits for an answer, if there is one.
  void stop();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// Percent-encodes a path segment or a query value.
std::string encode_component(std::string_view text);

}  // namespace liaison::web
