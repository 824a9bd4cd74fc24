#include "broker/shell/denial_log.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace liaison::broker {

const char* name_of(Denial::What what) {
  switch (what) {
    case Denial::What::letter:
      return "letter";
    case Denial::What::frame:
      return "frame";
    case Denial::What::handshake:
      return "handshake";
    case Denial::What::joining:
      return "joining";
    case Denial::What::publication:
      return "publication";
    case Denial::What::renewal:
      return "renewal";
  }
  return "";
}

DenialLog::DenialLog(Write write) : write_(std::move(write)) {}

void DenialLog::denied(Denial::What what, const std::string& node, std::string_view why,
                       Duration steady, const std::string& key, std::uint64_t count) {
  if (count == 0) return;
  totals_[{what, why}] += count;
  close_due(steady);
  const Key which{what, node, why};
  auto found = windows_.find(which);
  // Each open window may yet need its closing line, so they are counted as said.
  if (found == windows_.end()) {
    if (lines_ + 2 > lines_max) {
      others_ += count;
      return;
    }
    ++lines_;
    found = windows_.emplace(which, Window{steady, 0, 0}).first;
    next_close_ = windows_.size() == 1 ? steady + window : std::min(next_close_, steady + window);
  }
  auto& open = found->second;
  if (open.told >= told_singly || lines_ >= lines_max) {
    open.more += count;
    return;
  }
  ++open.told;
  ++lines_;
  write_({what, node, why, key, count, Line::Kind::single});
}

void DenialLog::close_due(Duration steady) {
  if (steady - minute_from_ >= window) {
    if (others_ > 0) write_({{}, {}, {}, {}, std::exchange(others_, 0), Line::Kind::others});
    minute_from_ = steady;
    lines_ = windows_.size();
  }
  if (windows_.empty() || steady < next_close_) return;
  next_close_ = steady + window;
  for (auto each = windows_.begin(); each != windows_.end();) {
    const auto& [what, node, why] = each->first;
    const auto& open = each->second;
    if (steady - open.from < window) {
      next_close_ = std::min(next_close_, open.from + window);
      ++each;
      continue;
    }
    if (open.more > 0) write_({what, node, why, {}, open.more, Line::Kind::closing});
    each = windows_.erase(each);
  }
}

void DenialLog::write_to_log(const Line& line) {
  const std::string count = std::to_string(line.count);
  const std::string node = line.node.empty() ? "-" : line.node;
  switch (line.kind) {
    case Line::Kind::single:
      return log::warning("refused", {{"kind", name_of(line.what)},
                                      {"node", node},
                                      {"reason", std::string(line.why)},
                                      {"key", line.key.empty() ? "-" : line.key},
                                      {"count", count}});
    case Line::Kind::closing:
      return log::warning("refused more within a minute", {{"kind", name_of(line.what)},
                                                           {"node", node},
                                                           {"reason", std::string(line.why)},
                                                           {"count", count}});
    case Line::Kind::others:
      return log::warning("refused too much within a minute to say each", {{"count", count}});
  }
}

}  // namespace liaison::broker
