#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace liaison::crypto {

/// How far one call on a TLS connection came; the octets that moved are never 0 with `some`.
struct TlsMoved {
  enum class State : std::uint8_t { some, wants_readable, wants_writable, ended };
  State state = State::ended;
  std::size_t bytes = 0;
};

/// The server's side of one TLS connection over a socket that does not block. The handshake happens
/// within read() and write(). One thread at a time; the socket is its owner's.
class TlsSession {
 public:
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  TlsMoved read(char* to, std::size_t size);
  TlsMoved write(const char* from, std::size_t size);
  /// Says goodbye to the peer, if that goes without waiting.
  void end_writing();

 private:
  friend class TlsServer;
  struct Inside;
  explicit TlsSession(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

/// A certificate and its key, to answer TLS connections with: TLS 1.2 or later.
class TlsServer {
 public:
  /// PEM files; the certificate's may hold its chain. Throws std::runtime_error, one line, which
  /// names the file: unreadable, or the key is not the certificate's.
  TlsServer(const std::string& certificate_file, const std::string& key_file);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::unique_ptr<TlsSession> session(int socket) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace liaison::crypto
