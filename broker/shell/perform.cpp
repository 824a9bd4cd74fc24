#include "broker/shell/perform.h"

#include "base/deliberate_bug.h"

namespace liaison::broker {

namespace {

template <class... Cases>
struct Visit : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Visit(Cases...) -> Visit<Cases...>;

/// Puts the list of `next` behind that of `last` if both are the same kind of answer.
template <class T>
bool lengthen(wire::Frame& last, wire::Frame& next, std::size_t longest) {
  auto* before = std::get_if<std::vector<T>>(&last);
  auto* after = std::get_if<std::vector<T>>(&next);
  if (before == nullptr || after == nullptr || before->size() + after->size() > longest)
    return false;
  before->insert(before->end(), std::make_move_iterator(after->begin()),
                 std::make_move_iterator(after->end()));
  return true;
}

}  // namespace

void Perform::add(Decision&& decision) {
  if (!decision.writes.empty()) writes_.push_back(std::move(decision.writes));
  for (auto& send : decision.sends)
    if (!join(sends_, send)) sends_.push_back(std::move(send));
  denials_.insert(denials_.end(), decision.denials.begin(), decision.denials.end());
}

bool Perform::join(std::vector<Send>& sends, Send& next) {
  if (sends.empty()) return false;
  auto* before = std::get_if<SendFrame>(&sends.back());
  auto* after = std::get_if<SendFrame>(&next);
  if (before == nullptr || after == nullptr || before->to != after->to) return false;
  return lengthen<wire::Accepted>(before->frame, after->frame, wire::answers_per_frame_max) ||
         lengthen<wire::Published>(before->frame, after->frame, wire::publications_per_frame_max);
}

void Perform::commit() {
  if (LIAISON_BUG(accept_before_commit) &&
      (early_ = !early_)) {  // answers leave now, what they answer for is kept later
    for (auto& send : sends_)
      if (auto* answer = std::get_if<SendFrame>(&send)) committed_.push_back(std::move(*answer));
    std::erase_if(sends_, [](const Send& send) { return std::holds_alternative<SendFrame>(send); });
    return;
  }
  if (!writes_.empty() || !changes_.empty() || held_) {
    auto transaction =
        held_ ? std::move(held_) : std::make_unique<store::Transaction>(store_.database());
    for (const auto& writes : writes_)
      store_.write(writes);
    store_.finish();
    for (const auto& change : changes_)
      change(store_);
    if (LIAISON_BUG(checkpoint_before_commit) && (early_ = !early_)) {
      // What was signed is shown now, and is durable later; all else waits until then.
      held_ = std::move(transaction);
      writes_.clear();
      changes_.clear();
      for (auto& send : sends_)
        if (auto* proofs = std::get_if<SendProofs>(&send)) committed_.push_back(std::move(*proofs));
      std::erase_if(sends_,
                    [](const Send& send) { return std::holds_alternative<SendProofs>(send); });
      return;
    }
    transaction->commit();
    ++commits_;
    for (auto& writes : writes_)
      for (auto& write : writes)
        if (auto* letter = std::get_if<KeepLetter>(&write))
          cache_.add(letter->sequence, letter->accepted_at, std::move(letter->letter.letter));
    writes_.clear();
    changes_.clear();
  }
  committed_.insert(committed_.end(), std::make_move_iterator(sends_.begin()),
                    std::make_move_iterator(sends_.end()));
  sends_.clear();
  denied_.insert(denied_.end(), denials_.begin(), denials_.end());
  denials_.clear();
}

Turn Perform::say() {
  for (auto& send : std::exchange(committed_, {}))
    say(std::move(send));
  told_.reset();
  return std::exchange(ready_, {});
}

void Perform::say(Send&& send) {
  std::visit(Visit{[&](SendFrame& each) { frame(each.to, each.frame); },
                   [&](SendItems& each) {
                     std::vector<wire::Delivery> items;
                     items.reserve(each.items.size());
                     for (const auto& given : each.items) {
                       auto item = cache_.take(given.sequence);
                       if (!item) item = store_.delivery(given.sequence, registry_);
                       if (!item) continue;  // it left its mailbox since
                       item->leaf = given.leaf;
                       items.push_back(std::move(*item));
                     }
                     if (!items.empty()) frame(each.to, std::move(items));
                   },
                   [&](SendEntries& each) {
                     ready_.sends.push_back({each.to, encoded(each)});
                   },
                   [&](SendProofs& each) {
                     if (auto proofs = prove_(each)) frame(each.to, std::move(*proofs));
                   },
                   [&](DropConnection& each) { ready_.drops.push_back(each.connection); },
                   [&](AdmittedChanged&) { ready_.admitted_changed = true; }},
             send);
}

const Bytes& Perform::encoded(const SendEntries& entries) {
  auto wanted = entries;
  wanted.to = {};
  if (!told_ || told_->first != wanted) {
    wire::Entries out{wanted.first, wanted.size, {}};
    for (auto& entry : store_.entries(wanted.first, wanted.count))
      out.entries.push_back({entry.kind, entry.at, std::move(entry.body)});
    told_.emplace(wanted, wire::encode(out));
  }
  return told_->second;
}

}  // namespace liaison::broker
