#include "node/core/link.h"

namespace liaison::node {

const char* name_of(LinkState state) {
  switch (state) {
    case LinkState::disconnected:
      return "disconnected";
    case LinkState::hello_sent:
      return "hello_sent";
    case LinkState::ready:
      return "ready";
    case LinkState::renew_only:
      return "renew_only";
    case LinkState::replaced:
      return "replaced";
    case LinkState::revoked:
      return "revoked";
  }
  return "";
}

wire::Hello Link::connected(const HelloFacts& facts, Instant clock) {
  state_ = LinkState::hello_sent;
  granted_letters_ = credit_letters_max_;
  granted_bytes_ = credit_bytes_max_;
  to_grant_letters_ = 0;
  to_grant_bytes_ = 0;
  is_overdrawn_ = false;
  wire::Hello hello;
  hello.node = facts.node;
  hello.incarnation = facts.incarnation;
  hello.epoch = facts.epoch;
  hello.registry_size = facts.registry_size;
  hello.clock = clock;
  hello.software = facts.software;
  hello.credit_letters = credit_letters_max_;
  hello.credit_bytes = credit_bytes_max_;
  return hello;
}

void Link::disconnected() {
  if (redials()) state_ = LinkState::disconnected;
}

WelcomeDecision Link::welcomed(const wire::Welcome& welcome, const HelloFacts& facts) {
  // Also a second welcome on one connection: a broker that has finished recovering says so by it.
  if (state_ != LinkState::hello_sent && state_ != LinkState::ready) return {};
  state_ = LinkState::ready;
  welcome_ = welcome;
  text_.clear();
  WelcomeDecision decision;
  decision.usable = true;
  decision.epoch_changed = facts.epoch != 0 && welcome.epoch != facts.epoch;
  decision.incarnation_changed = welcome.incarnation != facts.incarnation;
  return decision;
}

bool Link::said_goodbye(const wire::Goodbye& goodbye) {
  text_ = goodbye.text.empty() ? wire::name_of(goodbye.reason) : goodbye.text;
  switch (goodbye.reason) {
    case wire::GoodbyeReason::renew_only:
      state_ = LinkState::renew_only;
      return false;
    case wire::GoodbyeReason::replaced:
      state_ = LinkState::replaced;
      return true;
    case wire::GoodbyeReason::revoked:
      state_ = LinkState::revoked;
      return true;
    case wire::GoodbyeReason::stopping:
    case wire::GoodbyeReason::version:
    case wire::GoodbyeReason::wrong_node:
    case wire::GoodbyeReason::strikes:
      state_ = LinkState::disconnected;
      return true;
  }
  return true;
}

bool Link::delivered(std::uint64_t bytes) {
  // Not what would fit after it either: letters build on each other.
  if (is_overdrawn_ || granted_letters_ == 0 || bytes > granted_bytes_) {
    is_overdrawn_ = true;
    return false;
  }
  granted_letters_ -= 1;
  granted_bytes_ -= bytes;
  return true;
}

void Link::dealt_with(std::uint64_t bytes) {
  to_grant_letters_ += 1;
  to_grant_bytes_ += bytes;
}

wire::Credit Link::take_grant() {
  // A frame for each letter would double the frames; an eighth of the window keeps it open.
  bool worth = to_grant_letters_ * 8 >= credit_letters_max_ ||
               to_grant_bytes_ * 8 >= credit_bytes_max_ ||
               granted_letters_ * 2 < credit_letters_max_ || granted_bytes_ * 2 < credit_bytes_max_;
  if (!is_ready() || to_grant_letters_ == 0 || !worth) return {};
  wire::Credit grant{static_cast<std::uint32_t>(to_grant_letters_), to_grant_bytes_};
  granted_letters_ += to_grant_letters_;
  granted_bytes_ += to_grant_bytes_;
  to_grant_letters_ = 0;
  to_grant_bytes_ = 0;
  return grant;
}

}  // namespace liaison::node
