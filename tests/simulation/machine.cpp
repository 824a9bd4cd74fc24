#include "machine.h"

#include "store/failure.h"
#include "trace.h"

namespace liaison::simulation {
namespace {

/// So many turns in so short a time: the program runs in circles.
constexpr std::uint64_t turns_in_a_row_max = 3000;
constexpr Duration a_row = std::chrono::seconds(2);

}  // namespace

Machine::Machine(std::string name, Timeline& timeline, std::uint64_t disk_seed)
    : disk(name, disk_seed), timeline_(timeline), name_(std::move(name)) {}

void Machine::start() {
  if (up()) return;
  if (away_until) {
    if (*away_until > timeline_.now()) return;
    away_until.reset();
  }
  ++life_;
  ++starts;
  try {
    open();
  } catch (const store::Failure& failure) {
    close();
    failed(failure);
    return;
  } catch (const std::runtime_error& error) {
    throw Violation(0, name_ + " does not start: " + error.what());
  }
  trace("starts", *this);
  started();
  wake();
}

void Machine::start_after(Duration delay) {
  timeline_.after(delay, [this, life = life_] {
    if (life == life_) start();
  });
}

void Machine::failed(const store::Failure& failure) {
  trace(failure.what(), *this);
  const bool at_fault = failure.kind() == store::Failure::Kind::statement ||
                        failure.kind() == store::Failure::Kind::corrupt ||
                        failure.kind() == store::Failure::Kind::foreign ||
                        failure.kind() == store::Failure::Kind::newer_version;
  if (!disk_may_fail || at_fault)
    throw Violation(0, name_ + " failed on a sound disk: " + failure.what());
  ++failures;
  const bool was_up = up();
  end(End::by_itself);
  if (was_up && failure.kind() != store::Failure::Kind::disk_full) ended_by_itself_ = false;
}

void Machine::end(End how) {
  const bool was_up = up();
  if (was_up) ended_by_itself_ = how == End::by_itself && !disk.has_crashed();
  ++life_;
  next_turn_.reset();
  // Who is killed closes nothing: SQLite would otherwise clear up behind the process.
  if (how == End::by_itself) close();
  if (how == End::power_lost || disk.has_crashed()) {
    disk.crash();
    disk.fail_next_write(0);
    disk.fail_next_sync(0);
    disk_may_fail = disk_is_full;
  } else {
    disk.kill();
  }
  close();
  if (was_up) {
    trace("ends", *this);
    ended();
  }
  start_after(std::chrono::seconds(2));
}

void Machine::kill() {
  end(End::killed);
}

void Machine::lose_power() {
  trace("loses power", *this);
  end(End::power_lost);
}

void Machine::stop() {
  if (guarded([this] { stopping(); })) end(End::by_itself);
}

void Machine::wake(Duration delay) {
  const Moment when = timeline_.now() + delay;
  if (next_turn_ && *next_turn_ <= when) return;
  next_turn_ = when;
  timeline_.at(when, [this, when, life = life_] {
    if (life != life_ || next_turn_ != when) return;
    next_turn_.reset();
    turn();
  });
}

void Machine::turn() {
  if (timeline_.now() - row_began_ > a_row) {
    row_began_ = timeline_.now();
    turns_in_a_row_ = 0;
  }
  if (++turns_in_a_row_ > turns_in_a_row_max) throw Violation(6, name_ + " runs in circles");
  std::optional<Duration> again;
  if (!guarded([&] { again = take_turn(); })) return;
  if (again) wake(*again);
}

}  // namespace liaison::simulation
