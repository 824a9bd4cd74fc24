#include "base/log.h"
#include "broker/shell/parts.h"

/// The check of the whole store after an unclean end.
namespace liaison::broker {

void Engine::watch_store(Now now) {
  parts_->watch_store(now);
  parts_->logs.check_more();
}

void Engine::Parts::load_store_check(Now now) {
  store_check_since = store.check().at;
  if (store_watch.soundness() != store.check().soundness) keep_store_check(now);
  if (store_watch.soundness() == store::Soundness::damaged)
    step(now, StoreJudged{StoreJudged::As::damaged});
}

void Engine::Parts::keep_store_check(Now now) {
  store_check_since = now.wall;
  perform.add([check = StoreCheck{store_watch.soundness(), now.wall}](Store& kept) {
    kept.keep_check(check);
  });
}

void Engine::Parts::watch_store(Now now) {
  using News = store::Watch::News;
  switch (store_watch.look(now.steady)) {
    case News::nothing:
      return;
    case News::begun:
      return log::warning(
          store_watch.soundness() == store::Soundness::due
              ? "the store was not closed in order: it is checked while the exchange serves"
              : "the store was found damaged: it is checked again; nothing is accepted meanwhile");
    case News::given_up:
      return log::warning(
          "the check of the store was given up, because too much was written meanwhile: it begins "
          "again in an hour");
    case News::sound:
      log::info("the store was checked and is sound");
      keep_store_check(now);
      return step(now, StoreJudged{StoreJudged::As::sound});
    case News::damaged:
      log::error(store_alarm());
      keep_store_check(now);
      return step(now, StoreJudged{StoreJudged::As::damaged});
  }
}

std::string Engine::Parts::store_alarm() const {
  return store_watch.alarm(
      "no letter is accepted, what can be read is delivered; restore a backup");
}

}  // namespace liaison::broker
