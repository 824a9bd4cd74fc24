#include "store/testing/faulty_disk.h"

#include <iterator>

#include "base/check.h"
#include "store/testing/faulty_disk_state.h"

namespace liaison::store::testing {

using Lock = std::lock_guard<std::mutex>;

void FaultyDisk::State::make(const std::string& file) {
  auto made = std::make_shared<DiskFile>();
  entries[file] = made;
  unsafe_changes.push_back({file, made});
}

void FaultyDisk::State::remove(const std::string& file) {
  entries.erase(file);
  unsafe_changes.push_back({file, nullptr});
}

void FaultyDisk::State::sync_directory() {
  safe_entries = entries;
  unsafe_changes.clear();
}

std::uint64_t FaultyDisk::State::bytes_used() const {
  std::uint64_t sum = 0;
  for (const auto& [file, content] : entries)
    sum += content->content.bytes().size();
  return sum;
}

bool FaultyDisk::State::operate(bool& last) {
  if (power_is_off) return false;
  ++operations;
  last = operations == crash_at_operation;
  if (last) power_is_off = true;
  return true;
}

void FaultyDisk::State::end_processes() {
  ++generation;
  for (auto& [file, content] : entries)
    content->locks.clear();
}

FaultyDisk::FaultyDisk(std::string name, std::uint64_t seed)
    : state_(std::make_unique<State>(std::move(name), seed)) {
  register_vfs(*state_);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& FaultyDisk::vfs() const {
  return state_->name;
}

void FaultyDisk::kill() {
  Lock lock(state_->mutex);
  LIAISON_CHECK(!state_->power_is_off);
  state_->end_processes();
}

void FaultyDisk::crash() {
  Lock lock(state_->mutex);
  state_->end_processes();
  state_->power_is_off = false;
  state_->crash_at_operation = 0;
  // A file system's journal keeps changes to the directory in order, so a prefix of them is left.
  auto kept = state_->dice.below(state_->unsafe_changes.size() + 1);
  for (const auto& change : state_->unsafe_changes) {
    if (kept-- == 0) break;
    if (change.made != nullptr) {
      state_->safe_entries[change.file] = change.made;
    } else {
      state_->safe_entries.erase(change.file);
    }
  }
  state_->entries = state_->safe_entries;
  state_->unsafe_changes.clear();
  for (auto& [file, content] : state_->entries) {
    state_->sectors_lost += content->content.crash(state_->dice);
    content->locks.clear();
  }
}

void FaultyDisk::crash_at(std::uint64_t operation) {
  Lock lock(state_->mutex);
  LIAISON_CHECK(operation > 0);
  state_->crash_at_operation = state_->operations + operation;
}

bool FaultyDisk::has_crashed() const {
  Lock lock(state_->mutex);
  return state_->power_is_off;
}

void FaultyDisk::fail_next_sync(std::uint32_t count) {
  Lock lock(state_->mutex);
  state_->failing_syncs = count;
}

void FaultyDisk::fail_next_write(std::uint32_t count) {
  Lock lock(state_->mutex);
  state_->failing_writes = count;
}

void FaultyDisk::set_capacity(std::optional<std::uint64_t> bytes) {
  Lock lock(state_->mutex);
  state_->capacity = bytes;
}

void FaultyDisk::short_reads(std::uint32_t count) {
  Lock lock(state_->mutex);
  state_->short_reads = count;
}

void FaultyDisk::flip_bits(std::uint32_t count, const std::string& file) {
  Lock lock(state_->mutex);
  for (; count > 0 && !state_->entries.empty(); --count) {
    auto at = state_->entries.find(file);
    if (at == state_->entries.end()) {
      at = std::next(state_->entries.begin(),
                     static_cast<std::ptrdiff_t>(state_->dice.below(state_->entries.size())));
    }
    auto& content = at->second->content;
    if (!content.bytes().empty()) content.flip(state_->dice.below(content.bytes().size() * 8));
  }
}

FaultyDisk::Image FaultyDisk::image() const {
  Lock lock(state_->mutex);
  Image out;
  for (const auto& [file, content] : state_->entries)
    out.files[file] = content->content.bytes();
  return out;
}

void FaultyDisk::restore(const Image& image) {
  Lock lock(state_->mutex);
  state_->end_processes();
  state_->entries.clear();
  for (const auto& [file, bytes] : image.files) {
    auto made = std::make_shared<DiskFile>();
    made->content.put(bytes);
    state_->entries[file] = made;
  }
  state_->sync_directory();
  state_->power_is_off = false;
  state_->crash_at_operation = 0;
}

void FaultyDisk::wipe() {
  restore({});
}

bool FaultyDisk::exists(const std::string& file) const {
  Lock lock(state_->mutex);
  return state_->entries.contains(file);
}

std::uint64_t FaultyDisk::bytes_used() const {
  Lock lock(state_->mutex);
  return state_->bytes_used();
}

std::uint64_t FaultyDisk::operations() const {
  Lock lock(state_->mutex);
  return state_->operations;
}

std::uint64_t FaultyDisk::syncs() const {
  Lock lock(state_->mutex);
  return state_->syncs;
}

std::uint64_t FaultyDisk::sectors_lost() const {
  Lock lock(state_->mutex);
  return state_->sectors_lost;
}

void seed_sqlite(std::uint32_t seed) {
  sqlite3_initialize();
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed),
                       static_cast<sqlite3*>(nullptr));
}

}  // namespace liaison::store::testing
