#include <capnp/compat/json.h>

#include "wire/event.h"
#include "wire/event_io.h"

/// An event for people who have no program that knows its kinds: every field, by its schema.
namespace liaison::wire {
namespace {

/// Ids and digests, as they are written everywhere else.
class HexData final : public capnp::JsonCodec::Handler<capnp::Data> {
 public:
  void encode(const capnp::JsonCodec&, capnp::Data::Reader input,
              capnp::JsonValue::Builder output) const override {
    output.setString(io::to_text(to_hex(io::from_kj(input))));
  }
  capnp::Orphan<capnp::Data> decode(const capnp::JsonCodec&, capnp::JsonValue::Reader,
                                    capnp::Orphanage orphanage) const override {
    return orphanage.newOrphan<capnp::Data>(0);  // only written
  }
};

/// Every Int64 of schemas/casework.capnp is a time in ms.
class Time final : public capnp::JsonCodec::Handler<std::int64_t> {
 public:
  void encode(const capnp::JsonCodec&, std::int64_t input,
              capnp::JsonValue::Builder output) const override {
    output.setString(io::to_text(to_rfc3339(io::read_time(input, "time"))));
  }
  std::int64_t decode(const capnp::JsonCodec&, capnp::JsonValue::Reader) const override {
    return 0;  // only written
  }
};

}  // namespace

Result<std::string> json_of_event(ByteView body) {
  if (auto good = decode_event(body); !good) return fail(good.error());
  return io::decode<io::cw::Event>(body, "event", [](io::cw::Event::Reader event) {
    HexData hex;
    Time time;
    capnp::JsonCodec codec;
    codec.setHasMode(capnp::HasMode::NON_DEFAULT);
    codec.addTypeHandler<capnp::Data>(hex);
    codec.addTypeHandler<std::int64_t>(time);
    const auto text = codec.encode(event);
    return std::string(text.cStr(), text.size());
  });
}

}  // namespace liaison::wire
