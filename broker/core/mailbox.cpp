#include "broker/core/mailbox.h"

#include <algorithm>

#include "base/check.h"

namespace liaison::broker {

namespace {
/// What the schema's structs and ids around the sealed bytes take in a frame, rounded up.
constexpr std::uint64_t item_overhead_bytes = 400;

auto find_from(std::deque<Item>& items, Sequence sequence) {
  return std::lower_bound(items.begin(), items.end(), sequence,
                          [](const Item& item, Sequence wanted) { return item.sequence < wanted; });
}
}  // namespace

void Mailbox::add(Item item) {
  LIAISON_CHECK(items_.empty() || items_.back().sequence < item.sequence);
  if (item.kind == Item::Kind::report) {
    ++reports_;
  } else {
    ++letters_.letters;
    letters_.bytes += item.size_bytes;
    auto& usage = senders_[item.sender];
    ++usage.letters;
    usage.bytes += item.size_bytes;
    if (!earliest_ || item.expires < *earliest_) earliest_ = item.expires;
  }
  items_.push_back(std::move(item));
}

std::optional<Item> Mailbox::take(Sequence sequence, const LetterId& letter) {
  auto at = find_from(items_, sequence);
  if (at == items_.end() || at->sequence != sequence || at->gone || at->letter != letter)
    return std::nullopt;
  auto item = remove(at);
  tidy();
  return item;
}

Item Mailbox::remove(std::deque<Item>::iterator at) {
  Item item = *at;
  at->gone = true;
  ++gone_;
  if (item.kind == Item::Kind::report) {
    --reports_;
    return item;
  }
  --letters_.letters;
  letters_.bytes -= item.size_bytes;
  auto usage = senders_.find(item.sender);
  LIAISON_CHECK(usage != senders_.end());
  usage->second.bytes -= item.size_bytes;
  if (--usage->second.letters == 0) senders_.erase(usage);
  if (letters_.letters == 0) earliest_.reset();
  return item;
}

void Mailbox::tidy() {
  while (!items_.empty() && items_.front().gone) {
    items_.pop_front();
    --gone_;
  }
  // What is held at the front must not keep all that was taken behind it.
  if (gone_ > 64 && gone_ > items_.size() / 2) {
    std::erase_if(items_, [](const Item& item) { return item.gone; });
    gone_ = 0;
  }
}

Mailbox::Batch Mailbox::next(std::uint64_t letters, std::uint64_t bytes, std::uint64_t frame_bytes,
                             std::size_t items_max) {
  Batch batch;
  std::uint64_t frame = 0;
  for (auto at = find_from(items_, given_ + 1); at != items_.end(); ++at) {
    if (at->gone) continue;
    if (batch.items.size() >= items_max || batch.items.size() >= letters) break;
    if (batch.bytes + at->size_bytes > bytes) break;
    const auto cost = at->size_bytes + item_overhead_bytes;
    if (frame + cost > frame_bytes && !batch.items.empty()) break;
    frame += cost;
    batch.bytes += at->size_bytes;
    batch.items.push_back(&*at);
    given_ = at->sequence;
  }
  return batch;
}

bool Mailbox::has_more() const {
  return !items_.empty() && items_.back().sequence > given_;
}

std::vector<Item> Mailbox::expire(Instant now) {
  std::vector<Item> out;
  if (!earliest_ || *earliest_ > now) return out;
  std::optional<Instant> earliest;
  for (auto at = items_.begin(); at != items_.end(); ++at) {
    if (at->gone || at->kind == Item::Kind::report) continue;
    if (at->expires <= now)
      out.push_back(remove(at));
    else if (!earliest || at->expires < *earliest)
      earliest = at->expires;
  }
  earliest_ = earliest;
  tidy();
  return out;
}

std::vector<Item> Mailbox::clear_letters() {
  std::vector<Item> out;
  for (auto at = items_.begin(); at != items_.end(); ++at)
    if (!at->gone && at->kind == Item::Kind::letter) out.push_back(remove(at));
  tidy();
  return out;
}

Usage Mailbox::from(NodeNumber sender) const {
  auto usage = senders_.find(sender);
  return usage == senders_.end() ? Usage{} : usage->second;
}

std::vector<Item> Mailbox::items() const {
  std::vector<Item> out;
  for (const auto& item : items_)
    if (!item.gone) out.push_back(item);
  return out;
}

}  // namespace liaison::broker
