#include "wire/registry_leaf.h"

#include <algorithm>
#include <string_view>

namespace liaison::wire {
namespace {

using namespace std::string_view_literals;
constexpr auto front = "liaison registry 1\0"sv;
constexpr std::size_t kind_bytes = 2;
constexpr std::size_t at_bytes = 8;

void put(Bytes& out, std::uint64_t number, std::size_t bytes) {
  for (auto left = bytes; left-- > 0;)
    out.push_back(static_cast<std::uint8_t>(number >> (8 * left)));
}

std::uint64_t get(ByteView bytes) {
  std::uint64_t out = 0;
  for (const auto octet : bytes)
    out = out << 8 | octet;
  return out;
}

}  // namespace

const char* name_of(EntryKind kind) {
  switch (kind) {
    case EntryKind::authority:
      return "authority";
    case EntryKind::signing_certificate:
      return "signing_certificate";
    case EntryKind::sealing_certificate:
      return "sealing_certificate";
    case EntryKind::revocation_list:
      return "revocation_list";
    case EntryKind::listing:
      return "listing";
    case EntryKind::act:
      return "act";
    case EntryKind::log_key:
      return "log_key";
  }
  return "unknown";
}

Bytes encode(const RegistryLeaf& leaf) {
  Bytes out = copy_of(as_bytes(front));
  put(out, static_cast<std::uint64_t>(leaf.kind), kind_bytes);
  put(out, static_cast<std::uint64_t>(to_ms(leaf.at)), at_bytes);
  out.insert(out.end(), leaf.body.octets.begin(), leaf.body.octets.end());
  return out;
}

Result<RegistryLeaf> decode_registry_leaf(ByteView bytes) {
  if (bytes.size() != front.size() + kind_bytes + at_bytes + Digest::size ||
      !equal(bytes.first(front.size()), as_bytes(front)))
    return fail(Reason::malformed, "that is no entry of a registry log");
  bytes = bytes.subspan(front.size());
  const auto kind = get(bytes.first(kind_bytes));
  if (kind > static_cast<std::uint64_t>(EntryKind::log_key))
    return fail(Reason::unsupported, "the entry is of a kind that this program does not know");
  RegistryLeaf out;
  out.kind = static_cast<EntryKind>(kind);
  out.at = from_ms(static_cast<std::int64_t>(get(bytes.subspan(kind_bytes, at_bytes))));
  std::copy_n(bytes.end() - Digest::size, Digest::size, out.body.octets.begin());
  return out;
}

}  // namespace liaison::wire
