#include "base/log.h"
#include "broker/shell/parts.h"

/// The check of the whole store after an unclean end.
namespace liaison::broker {

namespace {
/// A check that was given up, because too much was written beside it, begins again so much later.
constexpr Duration again_after = std::chrono::hours(1);
}  // namespace

void Engine::watch_store(Now now) {
  parts_->watch_store(now);
}

/// Kept with the store, because whoever opens it next finds it closed in order: a command, or a
/// daemon that was stopped before its check had ended.
void Engine::Parts::load_store_check(Now now) {
  store_kept = store.check();
  if (database->was_unclean() && store_kept.state == StoreCheck::State::sound)
    keep_store_check(StoreCheck::State::due, now);
  if (store_kept.state == StoreCheck::State::damaged)
    step(now, StoreJudged{StoreJudged::As::damaged});
}

void Engine::Parts::keep_store_check(StoreCheck::State state, Now now) {
  store_kept = {state, now.wall};
  perform.add([check = store_kept](Store& kept) { kept.keep_check(check); });
}

void Engine::Parts::watch_store(Now now) {
  const auto outcome = database->background_check();
  if (outcome == store::Database::Check::running) return;
  if (store_checking == StoreChecking::yes) return store_check_ended(outcome, now);
  if (store_kept.state == StoreCheck::State::sound || now.steady < store_check_after) return;
  log::warning(store_kept.state == StoreCheck::State::due
                   ? "the store was not closed in order: it is checked while the exchange serves"
                   : "the store was found damaged: it is checked again, nothing is accepted");
  store_checking = StoreChecking::yes;
  database->begin_background_check();
}

void Engine::Parts::store_check_ended(store::Database::Check outcome, Now now) {
  store_checking = StoreChecking::no;
  store_finding = database->check_finding();
  switch (outcome) {
    case store::Database::Check::none:
    case store::Database::Check::running:
      return;
    case store::Database::Check::abandoned:
      store_check_after = now.steady + again_after;
      return log::warning(
          "the check of the store was given up, because too much was written meanwhile: it begins "
          "again in an hour");
    case store::Database::Check::sound:
      log::info("the store was checked and is sound");
      keep_store_check(StoreCheck::State::sound, now);
      return step(now, StoreJudged{StoreJudged::As::sound});
    case store::Database::Check::damaged:
      store_check_after = Duration::max();
      log::error(store_alarm());
      keep_store_check(StoreCheck::State::damaged, now);
      return step(now, StoreJudged{StoreJudged::As::damaged});
  }
}

const char* Engine::Parts::store_state() {
  if (store_checking == StoreChecking::yes) return "checking";
  switch (store_kept.state) {
    case StoreCheck::State::sound:
      return "sound";
    case StoreCheck::State::due:
      return "check due";
    case StoreCheck::State::damaged:
      return "damaged";
  }
  return "";
}

std::string Engine::Parts::store_alarm() const {
  return "the store is damaged" + (store_finding.empty() ? "" : " (" + store_finding + ")") +
         ": no letter is accepted, what can be read is delivered; restore a backup";
}

}  // namespace liaison::broker
