#pragma once

#include <initializer_list>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"

/// Strict DER (X.690), read and written by ourselves: definite lengths in their shortest form,
/// single octet tags, nothing after the end. OpenSSL's decoders take much more (BER in CMS), so
/// everything foreign is walked here before any of it reaches them.
namespace liaison::crypto::der {

enum Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  object = 0x06,
  enumerated = 0x0a,
  utf8_string = 0x0c,
  utc_time = 0x17,
  generalized_time = 0x18,
  sequence = 0x30,
  set = 0x31,
  context_0 = 0x80,  ///< primitive [0]
  context_6 = 0x86,  ///< primitive [6]: a URI among general names
  context_0_constructed = 0xa0,
  context_1_constructed = 0xa1,
  context_2_constructed = 0xa2,
  context_3_constructed = 0xa3,
};

/// One element, borrowed from the octets it was read from.
struct Element {
  std::uint8_t tag = 0;
  ByteView content;
  ByteView whole;  ///< with tag and length
};

/// Reads one element after another from `bytes`.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  /// The tag of what comes next; 0 at the end.
  [[nodiscard]] std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_[0]; }
  /// The next element, whatever its tag; nothing if it is not strict DER.
  std::optional<Element> next();
  /// The next element if it has this tag.
  std::optional<Element> next(std::uint8_t tag);
  /// A reader of what is inside the next element, if it has this tag.
  std::optional<Reader> enter(std::uint8_t tag);
  /// Takes the next octets if they are these.
  bool skip(ByteView expected);
  [[nodiscard]] ByteView rest() const { return rest_; }

 private:
  ByteView rest_;
};

/// The one element that `bytes` is, with this tag and nothing after it.
std::optional<Reader> only(ByteView bytes, std::uint8_t tag);

/// Whether `bytes` is one element of strict DER, constructed ones walked down to `depth_max`.
bool is_strict(ByteView bytes, int depth_max);

/// Tag, length and the parts, one after the other.
Bytes tlv(std::uint8_t tag, std::initializer_list<ByteView> parts);
/// Tag and length alone, of a content of `size` octets.
void append_header(Bytes& out, std::uint8_t tag, std::size_t size);
std::size_t header_size(std::size_t content_size);
void append(Bytes& out, ByteView bytes);

/// A non-negative INTEGER of big-endian octets without leading zeros.
Bytes unsigned_integer(ByteView magnitude);
Bytes unsigned_integer(std::uint64_t value);
/// The magnitude of a non-negative INTEGER's content in its shortest form.
std::optional<Bytes> read_unsigned(ByteView content);
std::optional<std::uint64_t> read_uint64(ByteView content);

/// UTCTime up to 2049, GeneralizedTime after, as RFC 5280 has it; to the second.
Bytes time(Instant at);
Bytes generalized(Instant at);
/// Reads either form, "Z", no fraction.
std::optional<Instant> read_time(const Element& element);

}  // namespace liaison::crypto::der
