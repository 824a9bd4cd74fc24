#include "crypto/der.h"

#include <cstdio>

namespace liaison::crypto::der {

std::optional<Element> Reader::next() {
  if (rest_.size() < 2) return std::nullopt;
  Element out;
  out.tag = rest_[0];
  if ((out.tag & 0x1fU) == 0x1fU)
    return std::nullopt;  // tags of several octets: none in what we read
  std::size_t header = 2;
  std::size_t size = rest_[1];
  if (size >= 0x80) {
    const std::size_t octets = size & 0x7fU;
    // 0 is the indefinite length; more than four octets is more than any limit here
    if (octets == 0 || octets > 4 || rest_.size() < 2 + octets) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < octets; ++i)
      size = (size << 8U) | rest_[2 + i];
    if (size < 0x80 || (size >> (8 * (octets - 1))) == 0) return std::nullopt;  // not the shortest
    header += octets;
  }
  if (rest_.size() - header < size) return std::nullopt;
  out.content = rest_.subspan(header, size);
  out.whole = rest_.first(header + size);
  rest_ = rest_.subspan(header + size);
  return out;
}

std::optional<Element> Reader::next(std::uint8_t tag) {
  if (peek() != tag) return std::nullopt;
  return next();
}

std::optional<Reader> Reader::enter(std::uint8_t tag) {
  const auto element = next(tag);
  if (!element) return std::nullopt;
  return Reader(element->content);
}

bool Reader::skip(ByteView expected) {
  if (rest_.size() < expected.size() || !equal(rest_.first(expected.size()), expected))
    return false;
  rest_ = rest_.subspan(expected.size());
  return true;
}

std::optional<Reader> only(ByteView bytes, std::uint8_t tag) {
  Reader outer(bytes);
  auto inside = outer.enter(tag);
  if (!inside || !outer.at_end()) return std::nullopt;
  return inside;
}

namespace {

bool walk(ByteView bytes, int depth_max) {
  Reader reader(bytes);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return false;
    const bool constructed = (element->tag & 0x20U) != 0;
    // Of the universal types only SEQUENCE and SET are constructed in DER.
    const bool universal = (element->tag & 0xc0U) == 0;
    const unsigned number = element->tag & 0x1fU;
    const bool of_parts = number == (sequence & 0x1fU) || number == (set & 0x1fU);
    if (universal && constructed != of_parts) return false;
    if (constructed && (depth_max == 0 || !walk(element->content, depth_max - 1))) return false;
  }
  return true;
}

struct Civil {
  int year, month, day, hour, minute, second;
};

Civil civil(Instant at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

void append_digits(std::string& out, int value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "%0*d", digits, value);
  out += text;
}

}  // namespace

bool is_strict(ByteView bytes, int depth_max) {
  Reader reader(bytes);
  return reader.next() && reader.at_end() && walk(bytes, depth_max);
}

std::size_t header_size(std::size_t content_size) {
  std::size_t out = 2;
  if (content_size >= 0x80) {
    for (auto left = content_size; left != 0; left >>= 8U)
      ++out;
  }
  return out;
}

void append_header(Bytes& out, std::uint8_t tag, std::size_t size) {
  out.push_back(tag);
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
    return;
  }
  const std::size_t octets = header_size(size) - 2;
  out.push_back(static_cast<std::uint8_t>(0x80U | octets));
  for (std::size_t i = octets; i-- > 0;)
    out.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Bytes tlv(std::uint8_t tag, std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (const auto part : parts)
    size += part.size();
  Bytes out;
  out.reserve(header_size(size) + size);
  append_header(out, tag, size);
  for (const auto part : parts)
    append(out, part);
  return out;
}

Bytes unsigned_integer(ByteView magnitude) {
  static constexpr std::uint8_t zero[1] = {0};
  if (magnitude.empty()) return tlv(integer, {zero});
  if ((magnitude[0] & 0x80U) != 0) return tlv(integer, {zero, magnitude});
  return tlv(integer, {magnitude});
}

Bytes unsigned_integer(std::uint64_t value) {
  Bytes magnitude;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift));
    if (octet != 0 || !magnitude.empty()) magnitude.push_back(octet);
  }
  return unsigned_integer(ByteView(magnitude));
}

std::optional<Bytes> read_unsigned(ByteView content) {
  if (content.empty() || (content[0] & 0x80U) != 0) return std::nullopt;
  if (content[0] != 0) return copy_of(content);
  if (content.size() == 1) return Bytes{};
  if ((content[1] & 0x80U) == 0) return std::nullopt;  // a zero octet in front that is not needed
  return copy_of(content.subspan(1));
}

std::optional<std::uint64_t> read_uint64(ByteView content) {
  const auto magnitude = read_unsigned(content);
  if (!magnitude || magnitude->size() > 8) return std::nullopt;
  std::uint64_t out = 0;
  for (const auto octet : *magnitude)
    out = (out << 8U) | octet;
  return out;
}

Bytes time(Instant at) {
  const auto when = civil(at);
  if (when.year >= 2050) return generalized(at);
  std::string text;
  append_digits(text, when.year % 100, 2);
  for (const int part : {when.month, when.day, when.hour, when.minute, when.second}) {
    append_digits(text, part, 2);
  }
  text += 'Z';
  return tlv(utc_time, {as_bytes(text)});
}

Bytes generalized(Instant at) {
  const auto when = civil(at);
  std::string text;
  append_digits(text, when.year, 4);
  for (const int part : {when.month, when.day, when.hour, when.minute, when.second}) {
    append_digits(text, part, 2);
  }
  text += 'Z';
  return tlv(generalized_time, {as_bytes(text)});
}

std::optional<Instant> read_time(const Element& element) {
  const std::size_t year_digits = element.tag == utc_time ? 2 : 4;
  if (element.tag != utc_time && element.tag != generalized_time) return std::nullopt;
  const auto text = as_text(element.content);
  if (text.size() != year_digits + 11 || text.back() != 'Z') return std::nullopt;
  int parts[6] = {};
  std::size_t at = 0;
  for (int part = 0; part < 6; ++part) {
    const std::size_t digits = part == 0 ? year_digits : 2;
    for (std::size_t i = 0; i < digits; ++i, ++at) {
      if (text[at] < '0' || text[at] > '9') return std::nullopt;
      parts[part] = parts[part] * 10 + (text[at] - '0');
    }
  }
  if (year_digits == 2) {
    parts[0] += parts[0] >= 50 ? 1900 : 2000;
  } else if (parts[0] < 2050) {
    return std::nullopt;  // RFC 5280, 4.1.2.5: UTCTime until 2049, so that each time has one form
  }
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(parts[3]) +
         std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
}

}  // namespace liaison::crypto::der
