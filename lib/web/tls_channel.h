#pragma once

#include "crypto/tls.h"
#include "web/channel.h"

namespace liaison::web {

/// A socket under TLS.
class TlsChannel final : public Channel {
 public:
  explicit TlsChannel(std::unique_ptr<crypto::TlsSession> session) : session_(std::move(session)) {}

  Moved read(char* to, std::size_t size) override { return moved(session_->read(to, size)); }
  Moved write(const char* from, std::size_t size) override {
    return moved(session_->write(from, size));
  }
  void end_writing() override { session_->end_writing(); }

 private:
  static Moved moved(crypto::TlsMoved from) {
    switch (from.state) {
      case crypto::TlsMoved::State::some:
        return {Moved::State::some, from.bytes};
      case crypto::TlsMoved::State::wants_readable:
        return {Moved::State::wants_readable, 0};
      case crypto::TlsMoved::State::wants_writable:
        return {Moved::State::wants_writable, 0};
      case crypto::TlsMoved::State::ended:
        break;
    }
    return {};
  }

  std::unique_ptr<crypto::TlsSession> session_;
};

}  // namespace liaison::web
