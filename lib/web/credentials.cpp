#include "web/credentials.h"

#include <algorithm>

namespace liaison::web {
namespace {

constexpr int free_failures = 5;
constexpr Duration forgotten_after = std::chrono::minutes(15);
constexpr Duration first_wait = std::chrono::seconds(30);
constexpr Duration longest_wait = std::chrono::minutes(15);

Duration pause_after(int failures) {
  if (failures < free_failures) return Duration{};
  auto pause = first_wait;
  for (int i = free_failures; i < failures && pause < longest_wait; ++i)
    pause *= 2;
  return std::min(pause, longest_wait);
}

}  // namespace

std::optional<std::string> bearer_token(const Request& request) {
  const auto value = request.header("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (value.size() <= scheme.size() ||
      !equal_ignoring_case(value.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  return std::string(value.substr(scheme.size()));
}

std::optional<std::string> cookie(const Request& request, std::string_view name) {
  auto rest = request.header("Cookie");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    auto pair = rest.substr(0, end);
    while (!pair.empty() && pair.front() == ' ')
      pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

Duration AttemptLimiter::wait(const std::string& name, const std::string& peer,
                              Duration now) const {
  const auto found = records_.find({name, peer});
  if (found == records_.end()) return Duration{};
  const auto until = found->second.last + pause_after(found->second.failures);
  return until > now ? until - now : Duration{};
}

void AttemptLimiter::failed(const std::string& name, const std::string& peer, Duration now) {
  if (records_.size() >= pairs_max_ && records_.find({name, peer}) == records_.end()) {
    const auto oldest = std::min_element(
        records_.begin(), records_.end(),
        [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
    records_.erase(oldest);
  }
  auto& record = records_[{name, peer}];
  if (now - record.last > forgotten_after) record.failures = 0;
  ++record.failures;
  record.last = now;
}

void AttemptLimiter::succeeded(const std::string& name, const std::string& peer) {
  records_.erase({name, peer});
}

}  // namespace liaison::web
