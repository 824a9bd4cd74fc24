#include "web/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <stdexcept>

#include "base/check.h"
#include "base/log.h"
#include "crypto/tls.h"
#include "web/bounded_stream.h"
#include "web/changes.h"
#include "web/guard.h"
#include "web/plain_channel.h"
#include "web/problem.h"
#include "web/tls_channel.h"
#include "web/waiting_room.h"

namespace liaison::web {
namespace {

constexpr auto keep_alive_time = std::chrono::seconds(2);
constexpr int connections_waiting_max = 1024;
constexpr std::size_t path_bytes_max = 2048;
constexpr std::size_t query_values_max = 32;
constexpr std::chrono::seconds retry_upload_after{5};

/// The connection that this thread serves, for the routing that runs inside cpp-httplib.
thread_local BoundedStream* this_connection = nullptr;
/// Whom the gate found, while the body of the same request is read.
thread_local std::shared_ptr<const void> this_identity;
/// The place of a large body, while it is read and handled.
thread_local std::shared_ptr<const void> this_large_body;

/// cpp-httplib's reading of requests and writing of answers, with the waiting room around it in the
/// place of its own loop.
class HttpServer final : public httplib::Server {
 public:
  /// Bound by cpp-httplib, which listens with a backlog of 5: a handful of commands overruns it.
  int listening() {
    ::listen(svr_sock_, connections_waiting_max);
    ::fcntl(svr_sock_, F_SETFL, ::fcntl(svr_sock_, F_GETFL) | O_NONBLOCK);
    return svr_sock_;
  }

  /// Event streams end with it: cpp-httplib asks whether the socket is there. Its caller closes it.
  int give_up_listening() { return svr_sock_.exchange(INVALID_SOCKET); }

  WaitingRoom::Then answer(BoundedStream& stream) {
    this_connection = &stream;
    bool closed = false;
    const bool ok = process_request(stream, stream.is_last_request(), closed, nullptr);
    this_connection = nullptr;
    this_identity.reset();
    this_large_body.reset();
    if (stream.was_put_off()) return WaitingRoom::Then::wait_for_body;
    if (!ok || closed || stream.ends()) return WaitingRoom::Then::close;
    return WaitingRoom::Then::wait_for_next;
  }
};

std::optional<std::size_t> content_length(const httplib::Request& from) {
  const auto text = from.get_header_value("Content-Length");
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

Request without_body(const httplib::Request& from) {
  Request out;
  out.path = from.path;
  out.peer = from.remote_addr;
  for (const auto& [name, value] : from.headers) {
    // cpp-httplib adds these as if the peer had sent them.
    if (name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" ||
        name == "LOCAL_PORT")
      continue;
    out.headers.emplace_back(name, value);
  }
  for (const auto& [name, value] : from.params)
    out.query.emplace_back(name, value);
  return out;
}

void harden(httplib::Response& to) {
  const auto unless_set = [&](const char* name, const char* value) {
    if (!to.has_header(name)) to.set_header(name, value);
  };
  unless_set("Cache-Control", "no-store");
  unless_set("Content-Security-Policy",
             "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
             "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
             "frame-ancestors 'none'");
  unless_set("X-Content-Type-Options", "nosniff");
  unless_set("X-Frame-Options", "DENY");
  unless_set("Referrer-Policy", "no-referrer");
  unless_set("Cross-Origin-Opener-Policy", "same-origin");
  unless_set("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace

struct Server::Inside {
  ServerOptions options;
  Router router;
  Gate gate;
  HttpServer server;
  std::unique_ptr<crypto::TlsServer> tls;
  std::optional<WaitingRoom> room;
  std::optional<HostGuard> guard;
  int port = 0;
  std::atomic<std::size_t> streams{0};
  std::atomic<std::size_t> large_bodies{0};
  std::mutex large_body_turn;  ///< who handles one
  std::atomic<bool> stopping{false};

  void write(httplib::Response& to, const Response& from);
  void open_stream(httplib::Response& to, const Response& from);
  /// Takes a place for the body that this thread will read; refused: all are taken.
  std::optional<Response> expect_large_body();
  /// Everything that can be said before the body is in; nullopt: read the body and handle().
  std::optional<Response> before_body(const httplib::Request& from);
  Response handle(const httplib::Request& from);
  void set_up();
};

void Server::Inside::write(httplib::Response& to, const Response& from) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers)
    to.set_header(name, value);
  harden(to);
  if (from.changes) {
    open_stream(to, from);
  } else if (!from.body.empty() || from.status != 204) {
    to.set_content(from.body, from.content_type);
  }
}

void Server::Inside::open_stream(httplib::Response& to, const Response& from) {
  if (streams.fetch_add(1) >= options.streams_max) {
    --streams;
    write(to, problem(503, "too-many-streams", "Too many pages are listening",
                      "too many pages are listening for changes at once; close some"));
    return;
  }
  if (this_connection != nullptr) this_connection->answer_without_end();
  auto feed = from.changes;
  auto since = from.since;
  const auto heartbeat = options.stream_heartbeat;
  to.set_chunked_content_provider(
      "text/event-stream",
      [this, feed, since, heartbeat, may_listen = from.may_listen](
          std::size_t, httplib::DataSink& sink) mutable {
        const auto batch = feed->after(since, heartbeat);
        if (batch.closed || stopping || (may_listen && !may_listen())) {
          sink.done();
          return true;
        }
        std::string text;
        if (batch.missed) {
          since = feed->newest();
          text = to_event_stream({since, "reset", "{}"});
        } else {
          for (const auto& change : batch.changes)
            text += to_event_stream(change);
          if (!batch.changes.empty()) since = batch.changes.back().number;
        }
        if (text.empty()) text = ":\n\n";  // a comment, so that a peer that left is noticed
        return sink.write(text.data(), text.size());
      },
      [this](bool) { --streams; });
}

std::optional<Response> Server::Inside::expect_large_body() {
  if (large_bodies.fetch_add(1) >= options.large_bodies_max) {
    --large_bodies;
    auto out = problem(503, "too-many-uploads", "Too many large uploads",
                       "too many large documents are being sent at once; try again in " +
                           std::to_string(retry_upload_after.count()) + " seconds");
    out.with_header("Retry-After", std::to_string(retry_upload_after.count()));
    return out;
  }
  this_large_body = std::shared_ptr<const void>(this, [this](const void*) { --large_bodies; });
  return std::nullopt;
}

std::optional<Response> Server::Inside::before_body(const httplib::Request& from) {
  const auto method = parse_method(from.method);
  if (!method)
    return problem(501, "method-unknown", "Not supported", "that method is not spoken here");
  if (from.path.size() > path_bytes_max || from.params.size() > query_values_max) {
    return problem(414, "uri-too-long", "Over a limit", "the address is too long");
  }
  auto request = without_body(from);
  request.method = *method;
  if (const auto refused = guard->refuses(request)) return problem(*refused);

  const auto found = router.match(*method, from.path);
  if (const auto* other = std::get_if<MethodNotAllowed>(&found)) {
    auto out = problem(405, "method-not-allowed", "Not allowed", "that method does not apply here");
    out.with_header("Allow", other->allow);
    return out;
  }
  const auto* matched = std::get_if<Matched>(&found);
  if (matched == nullptr) return problem({Reason::not_found, "there is nothing at this address"});
  request.parameters = matched->parameters;
  request.route = matched->route->pattern;

  const auto length = content_length(from);
  if (from.has_header("Transfer-Encoding") || from.has_header("Content-Encoding")) {
    return problem(411, "length-required", "Not supported",
                   "send the body whole, with its Content-Length");
  }
  if (from.get_header_value_count("Content-Length") > 1 ||
      (from.has_header("Content-Length") && !length)) {
    return problem({Reason::malformed, "Content-Length is not one number"});
  }
  if (length.value_or(0) > matched->route->body_bytes_max) {
    return problem(
        {Reason::too_large,
         "the body is over " + std::to_string(matched->route->body_bytes_max) + " octets"});
  }
  if (!is_unsafe(*method) && length.value_or(0) > 0) {
    return problem({Reason::malformed, "a GET has no body"});
  }
  if (auto refused = gate(request, *matched->route)) return refused;
  if (this_connection != nullptr && request.identity) this_connection->answers_somebody_known();

  if (length.value_or(0) == 0) return matched->route->handler(request);
  if (*length > options.large_body_bytes)
    if (auto refused = expect_large_body()) return refused;
  if (this_connection != nullptr && !this_connection->expect_body(*length)) return Response{};
  this_identity = std::move(request.identity);
  return std::nullopt;
}

Response Server::Inside::handle(const httplib::Request& from) {
  auto request = without_body(from);
  request.method = parse_method(from.method).value_or(Method::get);
  const auto found = router.match(request.method, from.path);
  const auto* matched = std::get_if<Matched>(&found);
  LIAISON_CHECK(matched != nullptr);  // before_body let it pass
  request.parameters = matched->parameters;
  request.route = matched->route->pattern;
  request.identity = std::move(this_identity);
  // Nobody reads it there any more.
  request.body = std::move(const_cast<httplib::Request&>(from).body);
  std::unique_lock turn(large_body_turn, std::defer_lock);
  if (request.body.size() > options.large_body_bytes) turn.lock();
  auto out = matched->route->handler(request);
  this_large_body.reset();
  return out;
}

void Server::Inside::set_up() {
  using Handled = httplib::Server::HandlerResponse;
  server.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
    // Ranges would be cut out of our answers, problem documents included: RFC 9110 lets us ignore
    // them.
    const_cast<httplib::Request&>(from).ranges.clear();
    const auto answer = before_body(from);
    if (!answer) return Handled::Unhandled;
    if (this_connection != nullptr && this_connection->was_put_off()) return Handled::Handled;
    const bool unread =
        from.has_header("Content-Length") && from.get_header_value("Content-Length") != "0";
    if ((unread || from.has_header("Transfer-Encoding")) && this_connection != nullptr) {
      this_connection->end_after_answer();
      to.set_header("Connection", "close");
    }
    write(to, *answer);
    return Handled::Handled;
  });
  const auto handle_body = [this](const httplib::Request& from, httplib::Response& to) {
    write(to, handle(from));
  };
  server.Post(".*", handle_body)
      .Put(".*", handle_body)
      .Patch(".*", handle_body)
      .Delete(".*", handle_body);
  // A machine failure in a handler: the caller is told no more than that it happened.
  server.set_exception_handler(
      [this](const auto&, httplib::Response& to, std::exception_ptr error) {
        try {
          std::rethrow_exception(std::move(error));
        } catch (const std::exception& what) {
          log::error("a request failed", {{"reason", what.what()}});
        } catch (...) {
          log::error("a request failed");
        }
        write(to, problem(500, "failed", "That failed",
                          options.called + " could not do that; its log says why"));
      });
  // What cpp-httplib refuses by itself (an unreadable request line) gets a problem document too. It
  // left the rest unread.
  server.set_error_handler([this](const httplib::Request&, httplib::Response& to) {
    if (!to.body.empty()) return;
    if (this_connection != nullptr) this_connection->end_after_answer();
    write(to, problem(to.status, "http", "Refused", "the request could not be read"));
  });
  std::size_t body_max = 0;
  for (const auto& route : router.routes())
    body_max = std::max(body_max, route.body_bytes_max);
  server.set_payload_max_length(body_max);

  RoomLimits limits;
  limits.connections_max = options.connections_max;
  limits.per_peer_max = options.connections_per_peer_max;
  limits.unsent_bytes_max = options.unsent_bytes_max;
  limits.threads = options.pages_at_once + options.streams_max;
  limits.stream = {options.header_bytes_max, options.request_time_max, keep_alive_time};
  room.emplace(
      limits,
      [this](int socket) -> std::unique_ptr<Channel> {
        const int yes = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (tls) return std::make_unique<TlsChannel>(tls->session(socket));
        return std::make_unique<PlainChannel>(socket);
      },
      [this](BoundedStream& stream) { return server.answer(stream); });
}

Result<void> check_listening(const ServerOptions& options) {
  if (is_loopback(options.address) || options.with_tls()) return {};
  return fail(Reason::forbidden,
              "the desk listens beyond this machine (" + options.address +
                  ") only with TLS: name its certificate and key in liaison.toml");
}

Server::Server(ServerOptions options, Router router, Gate gate)
    : inside_(std::make_unique<Inside>()) {
  auto& in = *inside_;
  in.options = std::move(options);
  in.router = std::move(router);
  in.gate = std::move(gate);
  const bool tls = in.options.with_tls();
  if (const auto good = check_listening(in.options); !good)
    throw std::runtime_error(good.error().text);
  if (tls) {
    in.tls = std::make_unique<crypto::TlsServer>(in.options.certificate_file, in.options.key_file);
  }
  // SO_REUSEPORT, which cpp-httplib would set, lets a second desk take half of the first's
  // requests.
  in.server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  in.set_up();
  if (in.options.port == 0) {
    in.port = in.server.bind_to_any_port(in.options.address);
  } else if (in.server.bind_to_port(in.options.address, in.options.port)) {
    in.port = in.options.port;
  }
  if (in.port <= 0) {
    const bool too_many = errno == EMFILE || errno == ENFILE;
    throw std::runtime_error(
        in.options.called + " cannot listen on " + in.options.address + ":" +
        std::to_string(in.options.port) + ": " +
        (too_many ? "this process may open no more files: raise its limit (ulimit -n)"
                  : "the port is in use or the address is not this machine's"));
  }
  in.guard.emplace(in.options.address, in.port, in.options.host_names);
}

Server::~Server() {
  stop();
}

void Server::start() {
  inside_->room->start(inside_->server.listening());
}

void Server::stop() {
  inside_->stopping = true;
  const int listening = inside_->server.give_up_listening();
  inside_->room->stop();
  if (listening != INVALID_SOCKET) ::close(listening);
}

int Server::port() const {
  return inside_->port;
}

std::string Server::url() const {
  const bool tls = inside_->options.with_tls();
  auto host = inside_->options.address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return std::string(tls ? "https://" : "http://") + host + ":" + std::to_string(inside_->port);
}

}  // namespace liaison::web
