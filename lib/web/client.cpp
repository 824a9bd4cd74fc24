#include "web/client.h"

#include <httplib.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace liaison::web {
namespace {

/// Whether octets of the request may have gone out before it failed.
bool was_sent(httplib::Error error) {
  using E = httplib::Error;
  constexpr std::array before_sending = {E::Connection,      E::ConnectionTimeout,
                                         E::BindIPAddress,   E::SSLConnection,
                                         E::SSLLoadingCerts, E::SSLServerVerification};
  return std::ranges::find(before_sending, error) == before_sending.end();
}

/// While it lives, writing to a desk that has hung up is an error: the signal that comes with it
/// would end the process without a word.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;
  ~NoPipeSignal() {
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace

struct Client::Inside {
  Inside(const std::string& at, std::size_t most) : http(at), url(at), answer_bytes_max(most) {}
  httplib::Client http;
  std::string url;
  std::size_t answer_bytes_max;
  std::string authorization;
};

Client::Client(const std::string& url, const ClientOptions& options)
    : inside_(std::make_unique<Inside>(url, options.answer_bytes_max)) {
  inside_->http.set_connection_timeout(options.connect_max);
  inside_->http.set_read_timeout(options.answer_max);
  inside_->http.set_write_timeout(options.answer_max);
  inside_->http.set_keep_alive(true);
  inside_->http.set_tcp_nodelay(true);
  // The certificate of a desk's own is seldom one that this machine's store knows, and the address
  // comes from the node's directory, which only its user can write.
  if (url.compare(0, 8, "https://") != 0) return;
  inside_->http.enable_server_certificate_verification(options.certificate ==
                                                       ClientOptions::Certificate::checked);
  if (!options.authorities_file.empty()) inside_->http.set_ca_cert_path(options.authorities_file);
}

Client::~Client() = default;

void Client::stop() {
  inside_->http.stop();
}

void Client::set_bearer_token(const std::string& token) {
  inside_->authorization = "Bearer " + token;
}

Result<Response> Client::request(Method method, const std::string& path, const std::string& body,
                                 const std::string& content_type,
                                 const std::vector<Header>& headers) {
  httplib::Request out;
  out.method = name_of(method);
  out.path = path;
  out.body = body;
  if (!body.empty()) out.set_header("Content-Type", content_type);
  if (!inside_->authorization.empty()) out.set_header("Authorization", inside_->authorization);
  for (const auto& [name, value] : headers)
    out.set_header(name, value);
  std::string content;
  out.content_receiver = [&](const char* octets, std::size_t count, std::uint64_t, std::uint64_t) {
    if (count > inside_->answer_bytes_max - content.size()) return false;
    content.append(octets, count);
    return true;
  };
  const NoPipeSignal no_pipe_signal;
  const auto got = inside_->http.send(out);
  if (!got) {
    if (was_sent(got.error())) return fail(no_answer, "no answer came from " + inside_->url);
    return fail(could_not_ask, "nothing answers at " + inside_->url);
  }
  Response answer;
  answer.status = got->status;
  answer.body = std::move(content);
  answer.content_type = got->get_header_value("Content-Type");
  for (const auto& [name, value] : got->headers)
    answer.headers.emplace_back(name, value);
  return answer;
}

std::string encode_component(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[octet >> 4];
      out += digits[octet & 15];
    }
  }
  return out;
}

}  // namespace liaison::web
