#include "net/curve.h"

#include <zmq.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "base/check.h"

namespace liaison::net {
namespace {

// libzmq gives and takes keys in Z85 here: 40 characters and a terminating zero.
using Z85 = std::array<char, 41>;

}  // namespace

CurvePair generate_curve_pair() {
  Z85 public_text{};
  Z85 secret_text{};
  if (zmq_curve_keypair(public_text.data(), secret_text.data()) != 0) {
    throw std::runtime_error("this libzmq has no CURVE: install Debian's libzmq5");
  }
  CurvePair out{{}, Secret(std::size_t{32})};
  LIAISON_CHECK(zmq_z85_decode(out.public_key.octets.data(), public_text.data()) != nullptr);
  LIAISON_CHECK(zmq_z85_decode(out.secret_key.data(), secret_text.data()) != nullptr);
  wipe(secret_text.data(), secret_text.size());
  return out;
}

Result<CurveKey> curve_public_of(const Secret& secret) {
  if (secret.size() != 32) return fail(Reason::malformed, "a CURVE secret key is 32 octets");
  Z85 public_text{};
  Z85 secret_text{};
  LIAISON_CHECK(zmq_z85_encode(secret_text.data(), secret.view().data(), 32) != nullptr);
  bool derived = zmq_curve_public(public_text.data(), secret_text.data()) == 0;
  wipe(secret_text.data(), secret_text.size());
  if (!derived)
    return fail(Reason::unsupported, "this libzmq has no CURVE: install Debian's libzmq5");
  CurveKey out;
  LIAISON_CHECK(zmq_z85_decode(out.octets.data(), public_text.data()) != nullptr);
  return out;
}

}  // namespace liaison::net
