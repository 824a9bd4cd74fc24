#include "net/native.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/check.h"

namespace liaison::net {

void zmq_failed(const std::string& doing) {
  throw std::runtime_error(doing + ": " + zmq_strerror(zmq_errno()));
}

Context::Context(int io_threads, int sockets_max) : native_(std::make_unique<Native>()) {
  native_->handle = zmq_ctx_new();
  if (native_->handle == nullptr) zmq_failed("cannot start ZeroMQ");
  zmq_ctx_set(native_->handle, ZMQ_IO_THREADS, io_threads);
  zmq_ctx_set(native_->handle, ZMQ_BLOCKY, 0);
  zmq_ctx_set(native_->handle, ZMQ_MAX_SOCKETS, sockets_max);
}

Context::~Context() {
  while (zmq_ctx_term(native_->handle) != 0 && zmq_errno() == EINTR) {
  }
}

Socket::Socket(const Context& context, int type)
    : handle_(zmq_socket(context.native().handle, type)) {
  if (handle_ == nullptr) zmq_failed("cannot make a socket");
  set(ZMQ_LINGER, 0);
}

Socket::Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Socket::~Socket() {
  if (handle_ != nullptr) zmq_close(handle_);
}

void Socket::set(int option, int value) {
  if (zmq_setsockopt(handle_, option, &value, sizeof value) != 0) {
    zmq_failed("cannot set socket option " + std::to_string(option));
  }
}

void Socket::set_int64(int option, std::int64_t value) {
  if (zmq_setsockopt(handle_, option, &value, sizeof value) != 0) {
    zmq_failed("cannot set socket option " + std::to_string(option));
  }
}

void Socket::set(int option, ByteView value) {
  if (zmq_setsockopt(handle_, option, value.data(), value.size()) != 0) {
    zmq_failed("cannot set socket option " + std::to_string(option));
  }
}

int Socket::events() const {
  int out = 0;
  std::size_t size = sizeof out;
  if (zmq_getsockopt(handle_, ZMQ_EVENTS, &out, &size) != 0) zmq_failed("cannot ask a socket");
  return out;
}

std::string Socket::last_endpoint() const {
  std::array<char, 512> out{};
  std::size_t size = out.size();
  if (zmq_getsockopt(handle_, ZMQ_LAST_ENDPOINT, out.data(), &size) != 0) {
    zmq_failed("cannot ask a socket for its address");
  }
  return out.data();
}

std::string Socket::bind(const std::string& address) {
  if (zmq_bind(handle_, address.c_str()) != 0) {
    if (zmq_errno() == EADDRINUSE)
      throw std::runtime_error("cannot listen at " + address +
                               ": the port is in use: stop what listens there, or set another");
    zmq_failed("cannot listen at " + address);
  }
  return last_endpoint();
}

void Socket::connect(const std::string& address) {
  if (zmq_connect(handle_, address.c_str()) != 0) zmq_failed("cannot dial " + address);
}

Message::Message(ByteView copied) {
  LIAISON_CHECK(zmq_msg_init_size(&message_, copied.size()) == 0);
  if (!copied.empty()) std::memcpy(zmq_msg_data(&message_), copied.data(), copied.size());
}

Message::Message(Bytes&& taken) {
  auto* kept = new Bytes(std::move(taken));
  int code = zmq_msg_init_data(
      &message_, kept->data(), kept->size(),
      [](void*, void* hint) { delete static_cast<Bytes*>(hint); }, kept);
  LIAISON_CHECK(code == 0);
}

ByteView Message::view() {
  return {static_cast<const std::uint8_t*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
}

bool Message::receive(const Socket& socket) {
  while (zmq_msg_recv(&message_, socket.get(), ZMQ_DONTWAIT) < 0) {
    if (zmq_errno() == EAGAIN) return false;
    if (zmq_errno() != EINTR) zmq_failed("cannot receive");
  }
  return true;
}

int Message::send(const Socket& socket, int flags) {
  while (zmq_msg_send(&message_, socket.get(), flags | ZMQ_DONTWAIT) < 0) {
    int error = zmq_errno();
    if (error == EAGAIN || error == EHOSTUNREACH) return error;
    if (error != EINTR) zmq_failed("cannot send");
  }
  return 0;
}

Monitor::Monitor(const Context& context, const Socket& watched, int events)
    : socket_(context, ZMQ_PAIR) {
  static std::atomic<std::uint64_t> number{0};
  auto address = "inproc://monitor-" + std::to_string(++number);
  // libzmq's thread would wait, and all connections with it, if events met a limit.
  socket_.set(ZMQ_RCVHWM, 0);
  if (zmq_socket_monitor(watched.get(), address.c_str(), events) != 0) {
    zmq_failed("cannot watch a socket");
  }
  watched_ = watched.get();
  socket_.connect(address);
}

Monitor::Monitor(Monitor&& other) noexcept
    : watched_(std::exchange(other.watched_, nullptr)), socket_(std::move(other.socket_)) {}

Monitor& Monitor::operator=(Monitor&& other) noexcept {
  std::swap(watched_, other.watched_);
  std::swap(socket_, other.socket_);
  return *this;
}

Monitor::~Monitor() {
  if (watched_ != nullptr) zmq_socket_monitor(watched_, nullptr, 0);
}

bool Monitor::next(Event& out) {
  Message event;
  if (!event.receive(socket_)) return false;
  auto bytes = event.view();
  LIAISON_CHECK(bytes.size() == 6 && event.has_more());
  std::uint16_t what = 0;
  std::int32_t value = 0;
  std::memcpy(&what, bytes.data(), 2);
  std::memcpy(&value, bytes.data() + 2, 4);
  out = {what, value};
  Message address;
  LIAISON_CHECK(address.receive(socket_) && !address.has_more());
  return true;
}

}  // namespace liaison::net
