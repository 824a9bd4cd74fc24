#include "store/watch.h"

namespace liaison::store {

namespace {
constexpr Duration again_after = std::chrono::hours(1);
}  // namespace

Watch::Watch(Database& database, Soundness kept) : database_(database), soundness_(kept) {
  if (database.was_unclean() && kept == Soundness::sound) soundness_ = Soundness::due;
}

Watch::News Watch::look(Duration steady) {
  const auto outcome = database_.background_check();
  if (outcome == Database::Check::running) return News::nothing;
  if (checking_ == Checking::no) {
    if (soundness_ == Soundness::sound || steady < not_before_) return News::nothing;
    checking_ = Checking::yes;
    database_.begin_background_check();
    return News::begun;
  }
  checking_ = Checking::no;
  switch (outcome) {
    case Database::Check::sound:
      soundness_ = Soundness::sound;
      finding_.clear();
      return News::sound;
    case Database::Check::damaged:
      soundness_ = Soundness::damaged;
      finding_ = database_.check_finding();
      not_before_ = Duration::max();
      return News::damaged;
    case Database::Check::none:
    case Database::Check::running:
    case Database::Check::abandoned:
      break;
  }
  not_before_ = steady + again_after;
  return News::given_up;
}

const char* Watch::word() const {
  if (checking_ == Checking::yes) return "checking";
  switch (soundness_) {
    case Soundness::sound:
      return "sound";
    case Soundness::due:
      return "check due";
    case Soundness::damaged:
      return "damaged";
  }
  return "";
}

std::string Watch::alarm(const char* follows) const {
  if (soundness_ != Soundness::damaged) return {};
  return "the store is damaged" + (finding_.empty() ? "" : " (" + finding_ + ")") + ": " + follows;
}

}  // namespace liaison::store
