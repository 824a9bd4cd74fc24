#include "base/log.h"
#include "node/shell/engine_parts.h"

/// The check of the whole store after an unclean end.
namespace liaison::node {
namespace {
constexpr const char* kept_as = "store_soundness";
}  // namespace

store::Soundness Engine::Parts::kept_soundness() {
  switch (registry.number(kept_as)) {
    case 0:
      return store::Soundness::sound;
    case 2:
      return store::Soundness::damaged;
    default:
      return store::Soundness::due;
  }
}

void Engine::Parts::keep_soundness() {
  write();
  registry.set_number(kept_as, static_cast<std::uint64_t>(store_watch.soundness()));
}

std::string Engine::Parts::store_warning() const {
  if (store_watch.soundness() == store::Soundness::due)
    return "the store was not closed in order: it is being checked, beside normal use";
  return store_watch.alarm(
      "stop this node, and restore its backup on a sound disk; it then catches up from the others");
}

void Engine::watch_store(Now now) {
  auto& p = *parts_;
  if (p.transaction) return;  // the next turn commits it
  using News = store::Watch::News;
  switch (p.store_watch.look(now.steady)) {
    case News::nothing:
      return;
    case News::begun:
      return log::warning("the store was not closed in order: it is checked beside normal use");
    case News::given_up:
      return log::warning(
          "the check of the store was given up, because too much was written meanwhile: it begins "
          "again in an hour");
    case News::sound:
      log::info("the store was checked and is sound");
      return p.keep_soundness();
    case News::damaged:
      log::error(p.store_warning());
      return p.keep_soundness();
  }
}

}  // namespace liaison::node
