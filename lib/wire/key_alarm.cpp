#include "wire/key_alarm.h"

#include <registry.capnp.h>

#include "wire/capnp_io.h"

namespace liaison::wire {
namespace {
constexpr std::size_t body_bytes_max = 256;
constexpr std::size_t signature_bytes_max = 128;
}  // namespace

Bytes encode(const KeyAlarm& alarm) {
  return io::encode<schema::KeyAlarm>([&](schema::KeyAlarm::Builder out) {
    out.setNode(io::to_text(alarm.node.text()));
    out.setContested(io::to_kj(alarm.contested.view()));
    out.setRaisedAt(to_ms(alarm.raised_at));
  });
}

Result<KeyAlarm> decode_key_alarm(ByteView bytes) {
  return io::decode<schema::KeyAlarm>(bytes, "key alarm", [](schema::KeyAlarm::Reader from) {
    return KeyAlarm{io::read_node(from.getNode(), "node"),
                    io::read_id<Fingerprint>(from.getContested(), "contested"),
                    io::read_time(from.getRaisedAt(), "time")};
  });
}

Bytes encode(const SignedKeyAlarm& alarm) {
  return io::encode<schema::SignedKeyAlarm>([&](schema::SignedKeyAlarm::Builder out) {
    out.setBody(io::to_kj(alarm.body));
    out.setSignature(io::to_kj(alarm.signature));
    out.setCertificate(io::to_kj(alarm.certificate.view()));
  });
}

Result<SignedKeyAlarm> decode_signed_key_alarm(ByteView bytes) {
  return io::decode<schema::SignedKeyAlarm>(
      bytes, "signed key alarm", [](schema::SignedKeyAlarm::Reader from) {
        return SignedKeyAlarm{io::read_bytes(from.getBody(), body_bytes_max, "body"),
                              io::read_bytes(from.getSignature(), signature_bytes_max, "signature"),
                              io::read_id<Fingerprint>(from.getCertificate(), "certificate")};
      });
}

Bytes signed_bytes_of_key_alarm(ByteView body) {
  Bytes out = copy_of(as_bytes("liaison key alarm"));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace liaison::wire
