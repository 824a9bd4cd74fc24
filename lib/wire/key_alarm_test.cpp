#include "wire/key_alarm.h"

#include <catch2/catch.hpp>

#include "wire/letter.h"
#include "wire/limits.h"

using namespace liaison;
using namespace liaison::wire;

namespace {

KeyAlarm alarm() {
  KeyAlarm out{*NodeId::parse("able-futures"), {}, from_ms(1'700'000'000'000)};
  out.contested.octets.fill(7);
  return out;
}

SignedKeyAlarm signed_alarm() {
  SignedKeyAlarm out{encode(alarm()), Bytes(72, 9), {}};
  out.certificate.octets.fill(3);
  return out;
}

}  // namespace

TEST_CASE("a key alarm reads back as it was written, and cut short it is refused", "[wire]") {
  const auto bytes = encode(signed_alarm());
  CHECK(bytes.size() <= key_alarm_bytes_max);
  const auto back = decode_signed_key_alarm(bytes);
  REQUIRE(back);
  CHECK(*back == signed_alarm());
  CHECK(decode_key_alarm(back->body).value() == alarm());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_signed_key_alarm(ByteView(bytes).first(size)));
}

TEST_CASE("a key alarm of a node or a certificate that is none is refused", "[wire]") {
  auto none = alarm();
  none.node = {};
  CHECK_FALSE(decode_key_alarm(encode(none)));
  auto large = signed_alarm();
  large.body.resize(1024);
  CHECK_FALSE(decode_signed_key_alarm(encode(large)));
}

TEST_CASE("a letter carries so many key alarms and no more", "[wire]") {
  Content content;
  content.letter.octets.fill(1);
  content.sender = *NodeId::parse("able-futures");
  content.recipient = *NodeId::parse("jcp-leeds");
  content.matter = std::vector<Receipt>{};
  content.key_alarms.assign(key_alarms_max, encode(signed_alarm()));
  CHECK(decode_content(encode(content)).value() == content);
  content.key_alarms.push_back(encode(signed_alarm()));
  CHECK_FALSE(decode_content(encode(content)));
  content.key_alarms.assign(1, Bytes(key_alarm_bytes_max + 1));
  CHECK_FALSE(decode_content(encode(content)));
}
