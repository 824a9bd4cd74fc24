#include "crypto/tls.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <stdexcept>

#include "crypto/internal.h"

namespace liaison::crypto {

struct TlsSession::Inside {
  std::unique_ptr<SSL, Deleter<SSL_free>> ssl;
  int socket = -1;
  bool failed = false;  ///< after which OpenSSL allows no goodbye

  TlsMoved moved(int done, std::size_t bytes) {
    if (done == 1) return {TlsMoved::State::some, bytes};
    const int error = SSL_get_error(ssl.get(), done);
    forget_errors();
    if (error == SSL_ERROR_WANT_READ) return {TlsMoved::State::wants_readable, 0};
    if (error == SSL_ERROR_WANT_WRITE) return {TlsMoved::State::wants_writable, 0};
    failed = failed || error != SSL_ERROR_ZERO_RETURN;
    return {};
  }
};

TlsSession::TlsSession(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
TlsSession::~TlsSession() = default;

TlsMoved TlsSession::read(char* to, std::size_t size) {
  std::size_t bytes = 0;
  forget_errors();
  const int done = SSL_read_ex(inside_->ssl.get(), to, size, &bytes);
  return inside_->moved(done, bytes);
}

TlsMoved TlsSession::write(const char* from, std::size_t size) {
  std::size_t bytes = 0;
  forget_errors();
  const int done = SSL_write_ex(inside_->ssl.get(), from, size, &bytes);
  return inside_->moved(done, bytes);
}

void TlsSession::end_writing() {
  if (!inside_->failed && SSL_is_init_finished(inside_->ssl.get()) == 1) {
    (void)SSL_shutdown(inside_->ssl.get());
    forget_errors();
  }
  ::shutdown(inside_->socket, SHUT_WR);
}

struct TlsServer::Inside {
  std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context;
};

TlsServer::TlsServer(const std::string& certificate_file, const std::string& key_file)
    : inside_(std::make_unique<Inside>()) {
  inside_->context.reset(SSL_CTX_new(TLS_server_method()));
  auto* context = inside_->context.get();
  require(context != nullptr, "SSL_CTX_new");
  require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "TLS version");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const auto fails = [](const std::string& what) {
    forget_errors();
    return std::runtime_error(what);
  };
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
    throw fails("the desk's TLS certificate cannot be read: " + certificate_file +
                ": name a PEM file in liaison.toml");
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    throw fails("the desk's TLS key cannot be read, or is not that of " + certificate_file + ": " +
                key_file + ": name the certificate's key, a PEM file, in liaison.toml");
}

TlsServer::~TlsServer() = default;

std::unique_ptr<TlsSession> TlsServer::session(int socket) const {
  auto inside = std::make_unique<TlsSession::Inside>();
  inside->ssl.reset(SSL_new(inside_->context.get()));
  require(inside->ssl != nullptr, "SSL_new");
  require(SSL_set_fd(inside->ssl.get(), socket) == 1, "SSL_set_fd");
  SSL_set_accept_state(inside->ssl.get());
  inside->socket = socket;
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(inside)));
}

}  // namespace liaison::crypto
