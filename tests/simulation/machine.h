#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "store/failure.h"
#include "store/testing/faulty_disk.h"
#include "timeline.h"
#include "violation.h"

namespace liaison::simulation {

/// One computer with one program on it: its disk, its clock, and when the program is to be given
/// its turn. Lives: a count that goes up whenever the process starts or ends, so that what was
/// planned for an earlier process finds itself forgotten.
class Machine {
 public:
  Machine(std::string name, Timeline& timeline, std::uint64_t disk_seed);
  virtual ~Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] virtual bool up() const = 0;
  [[nodiscard]] Now now() const { return clock.at(timeline_.now()); }
  [[nodiscard]] unsigned life() const { return life_; }

  /// The process is started; if the machine fails meanwhile, again after a while.
  void start();
  void start_after(Duration delay);
  /// The process is killed: what it wrote stays.
  void kill();
  /// Power is lost: what was not synced may be.
  void lose_power();
  /// The process ends by itself, in good order.
  void stop();

  /// The program is to have its turn, at the latest after `delay`.
  void wake(Duration delay = Duration(1));
  /// Its clock was set: deadlines are looked at again.
  void clock_changed() { wake(); }

  store::testing::FaultyDisk disk;
  MachineClock clock;
  /// A fault of the disk has been arranged: the process may fail of it.
  bool disk_may_fail = false;
  bool disk_is_full = false;
  /// Not started again by itself until then: an outage, a long absence.
  std::optional<Moment> away_until;
  std::uint64_t starts = 0;
  std::uint64_t failures = 0;

 protected:
  /// Opens the store and makes the engine. Throws store::Failure.
  virtual void open() = 0;
  /// Destroys the engine.
  virtual void close() noexcept = 0;
  /// What happens with the process's connections and the like.
  virtual void started() = 0;
  virtual void ended() = 0;
  /// Says goodbye, before stop(). Throws store::Failure.
  virtual void stopping() = 0;
  /// One turn of the engine, and what it lets happen; when it wants the next. Throws
  /// store::Failure.
  virtual std::optional<Duration> take_turn() = 0;

  /// Runs something on the engine; a failure of its machine ends the process. Whether it went well.
  template <class Work>
  bool guarded(Work work) {
    if (!up()) return false;
    const unsigned life = life_;
    try {
      work();
    } catch (const store::Failure& failure) {
      failed(failure);
      return false;
    }
    return up() && life == life_;
  }
  void failed(const store::Failure& failure);
  Timeline& timeline_;
  /// The last process: it was stopped, or its disk was full. Power was not lost meanwhile.
  bool ended_by_itself_ = true;

 private:
  void turn();
  enum class End { killed, power_lost, by_itself };
  void end(End how);
  std::string name_;
  unsigned life_ = 0;
  std::optional<Moment> next_turn_;
  std::uint64_t turns_in_a_row_ = 0;
  Moment row_began_{};
};

}  // namespace liaison::simulation
