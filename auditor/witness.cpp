#include "auditor/witness.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/cosignature.h"
#include "crypto/file.h"

namespace liaison::auditor {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t keys_bytes_max = 256 * 1024;
constexpr std::size_t state_bytes_max = 4 << 20;
constexpr std::string_view first_line = "liaison witness 1\n";
constexpr unsigned owner_alone = 0600;

/// "liaison/A/message/" of "liaison/A/message/2": what a restore does not change.
std::string_view without_epoch(std::string_view origin) {
  if (!origin.starts_with("liaison/")) return {};
  const auto slash = origin.rfind('/');
  return audit::parse_decimal(origin.substr(slash + 1)) ? origin.substr(0, slash + 1)
                                                        : std::string_view{};
}

std::string_view take_word(std::string_view& line) {
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

}  // namespace

Result<WatchedLogs> WatchedLogs::read(const fs::path& file) {
  const auto content = crypto::read_file(file, keys_bytes_max, crypto::Readers::anyone);
  if (!content)
    return fail(content.error().reason,
                content.error().text +
                    ": put the keys of the logs there that are to be witnessed, a line each, as "
                    "`liaison-audit checkpoint` prints them");
  std::vector<audit::NoteKey> keys;
  auto text = as_text(content->view());
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.front() == '#') continue;
    auto key = audit::parse_note_key(line);
    if (!key || key->kind != audit::KeyKind::note)
      return fail(Reason::malformed,
                  fmt::format("{}: line {} is no key of a log", file.string(), number));
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) return fail(Reason::malformed, file.string() + " has no key of a log");
  return WatchedLogs(std::move(keys));
}

std::vector<audit::NoteKey> WatchedLogs::of(const std::string& origin) const {
  std::vector<audit::NoteKey> out;
  const auto family = without_epoch(origin);
  for (const auto& key : keys_) {
    const bool is_named = key.name == origin;
    if (!is_named && (family.empty() || without_epoch(key.name) != family)) continue;
    audit::NoteKey named{origin, key.kind, key.key};
    if (std::find(out.begin(), out.end(), named) == out.end()) out.push_back(std::move(named));
  }
  return out;
}

WitnessState WitnessState::create(const fs::path& file) {
  WitnessState out(file);
  out.write();
  return out;
}

Result<WitnessState> WitnessState::open(const fs::path& file) {
  const auto lost = [&](const std::string& why) {
    return fail(Reason::malformed,
                why +
                    ": without it this witness does not know what it cosigned, and its key must "
                    "sign nothing more. Begin anew in another directory, with another key");
  };
  const auto content = crypto::read_file(file, state_bytes_max, crypto::Readers::anyone);
  if (!content) return lost(content.error().text);
  auto text = as_text(content->view());
  if (!text.starts_with(first_line)) return lost(file.string() + " is damaged");
  text.remove_prefix(first_line.size());
  WitnessState out(file);
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (end == std::string_view::npos) return lost(file.string() + " is cut short");
    text.remove_prefix(end + 1);
    const auto size = audit::parse_decimal(take_word(line));
    const auto root = audit::parse_hash(take_word(line));
    if (!size || !root || !audit::is_key_name(line)) return lost(file.string() + " is damaged");
    out.all_.emplace(line, audit::Witnessed{*size, *root});
  }
  return out;
}

std::optional<audit::Witnessed> WitnessState::of(const std::string& origin) const {
  const auto at = all_.find(origin);
  return at == all_.end() ? std::nullopt : std::optional(at->second);
}

Result<void> WitnessState::keep(const std::string& origin, const audit::Witnessed& witnessed) {
  const auto before = of(origin);
  if (before == witnessed) return {};
  if (!before && all_.size() >= logs_max)
    return fail(Reason::too_large, "this witness has as many logs as it takes");
  all_.insert_or_assign(origin, witnessed);
  try {
    write();
  } catch (...) {
    // What was not cosigned may be forgotten; the file has the one or the other.
    if (before)
      all_.insert_or_assign(origin, *before);
    else
      all_.erase(origin);
    throw;
  }
  return {};
}

void WitnessState::write() const {
  std::string out(first_line);
  for (const auto& [origin, last] : all_)
    out += fmt::format("{} {} {}\n", last.size, to_base64(last.root.view()), origin);
  crypto::write_file(file_, as_bytes(out), owner_alone);
}

audit::WitnessAnswer Witness::answer(std::string_view body, Instant now) {
  const auto request = audit::parse_add_checkpoint(body);
  const auto checkpoint =
      request ? audit::parse_checkpoint(request->note.text) : fail(request.error());
  if (!checkpoint) {
    audit::WitnessAnswer out;
    out.status = 400;
    out.body = checkpoint.error().text + '\n';
    return out;
  }
  // What was cosigned last is read, and what is cosigned now is kept, by one at a time.
  const std::lock_guard one_at_a_time(mutex_);
  auto out = audit::witness(*request, logs_.of(checkpoint->origin), state_.of(checkpoint->origin));
  if (!out.cosign) return out;
  if (const auto kept = state_.keep(checkpoint->origin, {checkpoint->size, checkpoint->root});
      !kept) {
    out.cosign.reset();
    out.status = 503;
    out.body = kept.error().text + '\n';
    return out;
  }
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(now) / 1000));
  out.body = audit::encode(audit::cosign(request->note.text, name_, key_, seconds));
  return out;
}

}  // namespace liaison::auditor
