#include "node/core/registry_replica.h"

#include <algorithm>

namespace liaison::node {

RegistryReplica::Welcomed RegistryReplica::welcomed(std::uint64_t epoch, std::uint64_t size) {
  Welcomed out;
  out.start_anew = size_ > 0 && (epoch != epoch_ || size < size_);
  if (out.start_anew) size_ = 0;
  epoch_ = epoch;
  theirs_ = size;
  current_ = size_ >= theirs_;
  out.complete = current_;
  if (!current_) out.ask = wire::Since{size_};
  return out;
}

EntriesDecision RegistryReplica::entries(const wire::Entries& entries) {
  EntriesDecision out;
  theirs_ = std::max(theirs_, entries.size);
  auto end = entries.first + entries.entries.size();
  if (entries.first > size_) {
    // A stretch is missing: from where we stand, please.
    current_ = false;
    out.ask = wire::Since{size_};
    return out;
  }
  out.from = size_;
  out.skip = static_cast<std::size_t>(
      std::min<std::uint64_t>(size_ - entries.first, entries.entries.size()));
  if (end > size_) {
    out.keep = static_cast<std::size_t>(end - size_);
    size_ = end;
  }
  current_ = size_ >= theirs_;
  out.complete = current_;
  // An answer may end before the registry does (a frame holds so much): the rest, please.
  if (!current_) out.ask = wire::Since{size_};
  return out;
}

void RegistryReplica::forget() {
  size_ = 0;
  current_ = false;
}

}  // namespace liaison::node
