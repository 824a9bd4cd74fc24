#include "node/core/key_lines.h"

#include <algorithm>

namespace liaison::node {

KeyLines::KeyLines(const std::vector<Certificate>& all) : all_(all.size()) {
  std::vector<bool> has_next(all.size());
  for (std::size_t place = 0; place < all.size(); ++place) {
    auto& each = all_[place];
    const auto by = all[place].signed_by;
    if (by && *by < place && !has_next[*by]) {
      has_next[*by] = true;
      each.former = by;
      each.line = all_[*by].line;
    } else {
      each.line = lines_.size();
      lines_.emplace_back();
    }
    lines_[each.line].push_back(place);
  }
  // What is contested rests on what stands before it alone, and on the lines above: who contests it
  // may be registered behind it.
  std::optional<std::size_t> newest;
  for (std::size_t place = 0; place < all.size(); ++place) {
    auto& each = all_[place];
    if (newest && each.former == newest) each.continued = newest;
    if (const auto by = all[place].contested_by; by && !each.continued && !all[place].confirmed) {
      const auto speaks = last_before(place, *by);
      each.is_contested = speaks && !all_[*speaks].is_contested;
    }
    // What nothing speaks for behind a contested one may be more of the same: it stands in no true
    // renewal's way, so that one alarm is enough.
    if (!each.is_contested && (!first_contested_ || each.continued || all[place].confirmed))
      newest = place;
    if (each.is_contested && !first_contested_) first_contested_ = place;
  }
}

std::optional<std::size_t> KeyLines::last_before(std::size_t place, std::size_t of) const {
  const auto& line = lines_[all_[of].line];
  const auto end = std::ranges::lower_bound(line, std::min(place, of + 1));
  if (end == line.begin()) return std::nullopt;
  return *std::prev(end);
}

std::optional<std::size_t> KeyLines::former(std::size_t place) const {
  return all_.at(place).former;
}

std::optional<std::size_t> KeyLines::continued(std::size_t place) const {
  return all_.at(place).continued;
}

bool KeyLines::is_contested(std::size_t place) const {
  return all_.at(place).is_contested;
}

bool KeyLines::is_behind_contested(std::size_t place) const {
  return first_contested_ && *first_contested_ < place;
}

}  // namespace liaison::node
