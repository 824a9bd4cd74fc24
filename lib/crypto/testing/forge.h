#pragma once

#include <string>
#include <vector>

#include "crypto/der.h"

/// DER as a tree that tests take apart, change and put together again: how a dishonest maker would.
namespace liaison::crypto::testing {

struct Node {
  std::uint8_t tag = 0;
  Bytes content;            ///< of a primitive one
  std::vector<Node> parts;  ///< of a constructed one

  Node& operator[](std::size_t index) { return parts.at(index); }
  [[nodiscard]] Bytes der() const {
    Bytes inside = content;
    for (const auto& part : parts)
      der::append(inside, part.der());
    return der::tlv(tag, {inside});
  }
};

inline Node read_tree(der::Element element) {
  Node out{element.tag, {}, {}};
  if ((element.tag & 0x20U) == 0) {
    out.content = copy_of(element.content);
    return out;
  }
  der::Reader inside(element.content);
  while (!inside.at_end())
    out.parts.push_back(read_tree(inside.next().value()));
  return out;
}

inline Node read_tree(ByteView bytes) {
  return read_tree(der::Reader(bytes).next().value());
}
inline Node primitive(std::uint8_t tag, Bytes content) {
  return {tag, std::move(content), {}};
}
inline Node constructed(std::uint8_t tag, std::vector<Node> parts) {
  return {tag, {}, std::move(parts)};
}
/// An OBJECT IDENTIFIER by what is in it, in hexadecimal.
inline Node object(std::string_view hex) {
  return primitive(der::object, from_hex(hex).value());
}

/// The other signature of the same message by the same P-256 key: s replaced by n - s. Anybody can
/// write it.
inline Bytes twin_of(ByteView signature) {
  const auto order =
      from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
  auto tree = read_tree(signature);
  auto s = der::read_unsigned(tree[1].content).value();
  s.insert(s.begin(), order.size() - s.size(), std::uint8_t{0});
  Bytes other(order.size());
  int borrow = 0;
  for (std::size_t i = order.size(); i-- > 0;) {
    const int difference = order[i] - s[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    other[i] = static_cast<std::uint8_t>(difference + 256 * borrow);
  }
  while (other.front() == 0)
    other.erase(other.begin());
  tree[1] = read_tree(der::unsigned_integer(ByteView(other)));
  return tree.der();
}

/// The parts of a sealed letter by name, for `auto letter = read_tree(sealed)`.
struct Letter {
  Node tree;
  explicit Letter(ByteView sealed) : tree(read_tree(sealed)) {}
  Node& data() { return tree[1][0]; }
  Node& recipients() { return data()[1]; }
  Node& agreement() { return recipients()[0]; }
  Node& point() { return agreement()[1][0][1]; }
  Node& derivation() { return agreement()[2]; }
  Node& recipient_key() { return agreement()[3][0]; }
  Node& algorithm() { return data()[2][1]; }
  Node& ciphertext() { return data()[2][2]; }
  Node& tag() { return data()[3]; }
  [[nodiscard]] Bytes der() const { return tree.der(); }
};

}  // namespace liaison::crypto::testing
