#pragma once

#include <memory>
#include <mutex>

#include "base/time.h"

namespace liaison::node {

/// A value that many ask for and that is made anew only now and then, so that whoever asks costs
/// the engine nothing. For any thread.
template <class Value>
class Recent {
 public:
  using Shared = std::shared_ptr<const Value>;

  /// The last one while `is_good(it, its age)`; otherwise what `make()` gives: one thread makes it,
  /// and the others that ask wait for that.
  template <class IsGood, class Make>
  Shared get(Duration now, IsGood is_good, Make make) {
    const std::lock_guard lock(mutex_);
    if (!last_ || !is_good(*last_, now - made_at_)) {
      last_ = std::make_shared<const Value>(make());
      made_at_ = now;
    }
    return last_;
  }

 private:
  std::mutex mutex_;
  Shared last_;
  Duration made_at_{};
};

}  // namespace liaison::node
