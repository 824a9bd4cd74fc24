#pragma once

#include <string>
#include <vector>

#include "audit/hash.h"
#include "audit/tree.h"

namespace liaison::audit::testing {

/// The eight entries that implementations of RFC 6962 test each other with.
inline std::vector<Bytes> reference_entries() {
  std::vector<Bytes> out;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"})
    out.push_back(*from_hex(hex));
  return out;
}

inline std::vector<Bytes> numbered_entries(std::size_t count) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(copy_of(as_bytes("entry " + std::to_string(i))));
  return out;
}

/// The root as RFC 6962, 2.1 defines it, by recursion; of what is missing, nothing is known.
inline Digest root_by_definition(std::span<const Bytes> entries) {
  if (entries.empty()) return empty_root();
  if (entries.size() == 1) return leaf_hash(entries[0]);
  std::size_t middle = 1;
  while (middle * 2 < entries.size())
    middle *= 2;
  return node_hash(root_by_definition(entries.first(middle)),
                   root_by_definition(entries.subspan(middle)));
}

/// Complete subtrees of these entries, which outlive it; not found where they end before.
inline SubtreeRoot subtrees_of(std::span<const Bytes> entries) {
  return [entries](unsigned height, std::uint64_t index) -> Result<Digest> {
    const auto width = std::uint64_t{1} << height;
    if ((index + 1) * width > entries.size()) return fail(Reason::not_found, "not complete");
    return root_by_definition(entries.subspan(index * width, width));
  };
}

inline std::vector<Digest> hashes(std::initializer_list<const char*> hex) {
  std::vector<Digest> out;
  for (const char* each : hex)
    out.push_back(*Digest::parse(each));
  return out;
}

}  // namespace liaison::audit::testing
