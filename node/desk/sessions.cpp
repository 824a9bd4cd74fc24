#include "node/desk/sessions.h"

#include <algorithm>
#include <array>

#include "node/desk/people_store.h"

namespace liaison::node {

bool Sessions::Session::is_over(Duration now) const {
  return now - used > session_idle_max || now - opened > session_life_max;
}

std::string Sessions::open(const Caller& who, Duration now) {
  std::array<std::uint8_t, 32> secret{};
  const std::lock_guard lock(mutex_);
  entropy_.fill(secret);
  auto token = "liaison-session-" + to_base64url(secret);
  if (sessions_.size() >= sessions_max) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  sessions_[digest_of_token(token)] = {who, now, now};
  return token;
}

std::optional<Caller> Sessions::find(const std::string& token, Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest_of_token(token));
  if (found == sessions_.end()) return std::nullopt;
  auto& session = found->second;
  if (session.is_over(now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  session.used = now;
  return session.who;
}

bool Sessions::is_open(const std::string& token, Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest_of_token(token));
  return found != sessions_.end() && !found->second.is_over(now);
}

void Sessions::close(const std::string& token) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(digest_of_token(token));
}

void Sessions::close_all_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.who.name == name; });
}

}  // namespace liaison::node
