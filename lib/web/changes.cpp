#include "web/changes.h"

namespace liaison::web {

ChangeFeed::ChangeFeed(std::size_t kept_max) : kept_max_(kept_max) {}

void ChangeFeed::publish(std::string kind, std::string data) {
  {
    const std::lock_guard lock(mutex_);
    kept_.push_back({++newest_, std::move(kind), std::move(data)});
    if (kept_.size() > kept_max_) kept_.pop_front();
  }
  changed_.notify_all();
}

std::uint64_t ChangeFeed::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

ChangeFeed::Batch ChangeFeed::after(std::uint64_t since, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  // A number from before a restart is ahead of ours: everything may have changed since.
  if (since > newest_) return {{}, true, closed_};
  changed_.wait_for(lock, patience, [&] { return closed_ || newest_ > since; });
  Batch out;
  out.closed = closed_;
  for (const auto& change : kept_) {
    if (change.number <= since) continue;
    if (out.changes.empty()) out.missed = change.number != since + 1;
    out.changes.push_back(change);
  }
  return out;
}

void ChangeFeed::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::string to_event_stream(const Change& change) {
  return "id: " + std::to_string(change.number) + "\nevent: " + change.kind +
         "\ndata: " + change.data + "\n\n";
}

}  // namespace liaison::web
