#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "web/channel.h"

namespace liaison::web {

struct StreamLimits {
  std::size_t header_bytes_max = 0;
  /// For a request as a whole, and again for its answer; a second more for each 16 KiB moved.
  std::chrono::milliseconds time_max{};
  std::chrono::milliseconds idle_max{};  ///< between two requests
  int requests_max = 100;
};

/// A connection that reads one request at a time within limits that cpp-httplib 0.11 does not
/// have: octets of all headers together (it bounds a line, not their number) and the time for a
/// whole request and its answer (it bounds the wait for each octet, which a slow peer stretches
/// without end).
///
/// The waiting room gathers what has come without waiting for more; a thread reads from it only
/// what is there, but for a body too large to gather. What the socket does not take at once of an
/// answer is kept, and sent from the waiting room: who reads slowly holds no thread; only an event
/// stream's does. Closes the socket when it ends.
class BoundedStream final : public httplib::Stream {
 public:
  using Clock = std::chrono::steady_clock;
  using httplib::Stream::write;

  /// A body up to this is gathered whole before a thread reads it.
  static constexpr std::size_t gathered_body_bytes_max = std::size_t{64} << 10;

  BoundedStream(int socket, std::unique_ptr<Channel> channel, const StreamLimits& limits);
  ~BoundedStream() override;
  BoundedStream(const BoundedStream&) = delete;
  BoundedStream& operator=(const BoundedStream&) = delete;

  // In the waiting room.
  enum class Progress { incomplete, ready, ended };
  /// Takes in what has come; ready: what a thread needs to go on is here.
  Progress gather();
  /// Sends more of what is kept of the answer; ready: none of it is left.
  Progress send();
  /// Octets that are kept of an answer: all of it, until the last is sent.
  [[nodiscard]] std::size_t unsent() const { return unsent_.size(); }
  [[nodiscard]] bool is_for_somebody_known() const { return for_somebody_known_; }
  /// What poll() should wait for.
  [[nodiscard]] short awaited_events() const { return awaited_; }
  /// When the wait for the peer is over.
  [[nodiscard]] Clock::time_point until() const { return until_; }
  /// Takes in and forgets what still comes; false: the peer closed its end, or sends without end.
  bool drain();
  /// From here on it is read only to drain.
  void begin_draining();

  // On the thread that answers.
  /// The headers are in and were accepted: a body of this many octets follows. False: it is not
  /// all here; the answer that is being made is not sent, and the request is read again from its
  /// beginning when the body has been gathered.
  bool expect_body(std::size_t bytes);
  /// The answer left part of the request unread: what follows on the connection is no request.
  void end_after_answer() { ends_ = true; }
  /// The answer is an event stream: no limit to its time as a whole.
  void answer_without_end() { answer_has_end_ = false; }
  /// Who asks is signed in.
  void answers_somebody_known() { for_somebody_known_ = true; }

  [[nodiscard]] bool ends() const { return ends_; }
  [[nodiscard]] bool was_put_off() const { return put_off_; }
  [[nodiscard]] bool is_last_request() const { return requests_left_ <= 1; }
  /// Begins the request anew, to be gathered with its body.
  void read_again();
  void next_request();

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
  [[nodiscard]] bool wait(short what, Clock::time_point until) const;
  [[nodiscard]] bool is_gathered() const;
  /// Writes without waiting, until `enough` are; how many were. nullopt: the connection ended.
  std::optional<std::size_t> push(std::string_view bytes, std::size_t enough);
  ssize_t write_to_stream(const char* from, std::size_t size);

  socket_t socket_;
  std::unique_ptr<Channel> channel_;
  StreamLimits limits_;
  int requests_left_;

  std::string in_;              ///< of the present request, and what was sent behind it
  std::size_t used_ = 0;        ///< of in_, by who reads
  std::size_t gather_max_;      ///< of in_
  std::size_t whole_ = 0;       ///< how long the request is, headers and body; 0: not known
  std::size_t bytes_left_ = 0;  ///< that may be read of it
  std::size_t drained_ = 0;
  std::string unsent_;    ///< of the answer
  std::size_t sent_ = 0;  ///< of unsent_
  short awaited_;
  bool begun_ = false;  ///< the request's first octet is here
  bool ends_ = false;
  bool put_off_ = false;
  bool answer_has_end_ = true;
  bool answering_ = false;
  bool for_somebody_known_ = false;
  Clock::time_point until_;
};

/// Numeric, of the peer's end; empty when it is gone.
std::string peer_address(int socket);

}  // namespace liaison::web
