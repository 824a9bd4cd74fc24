#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

#include "base/check.h"
#include "store/counting_vfs.h"
#include "store/testing/faulty_disk_state.h"

namespace liaison::store::testing {
namespace {

using State = FaultyDisk::State;
using Lock = std::lock_guard<std::mutex>;

/// One open file of one process.
struct Handle {
  sqlite3_file base;
  State* state;
  std::shared_ptr<DiskFile> file;
  std::string name;
  std::uint64_t generation;
  bool deleted_on_close;
  bool directory_is_due;  ///< its first sync is also the directory's

  [[nodiscard]] bool is_dead() const {
    return state->power_is_off || generation != state->generation;
  }
};

Handle& handle_of(sqlite3_file* file) {
  return *reinterpret_cast<Handle*>(file);
}
State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<State*>(vfs->pAppData);
}

int close_file(sqlite3_file* file) {
  Handle& handle = handle_of(file);
  {
    Lock lock(handle.state->mutex);
    handle.file->locks.erase(file);
    if (handle.deleted_on_close && !handle.is_dead()) handle.state->remove(handle.name);
  }
  handle.~Handle();
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  if (handle.is_dead()) return SQLITE_IOERR_READ;
  const auto& bytes = handle.file->content.bytes();
  auto wanted = static_cast<std::uint64_t>(size);
  auto from = static_cast<std::uint64_t>(at);
  std::uint64_t there = from < bytes.size() ? std::min(wanted, bytes.size() - from) : 0;
  if (handle.state->short_reads > 0 && there > 0) {
    --handle.state->short_reads;
    there = handle.state->dice.below(there);
  }
  if (there > 0) std::memcpy(out, bytes.data() + from, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  bool last = false;
  if (handle.is_dead() || !handle.state->operate(last)) return SQLITE_IOERR_WRITE;
  if (handle.state->failing_writes > 0) {
    --handle.state->failing_writes;
    return SQLITE_IOERR_WRITE;
  }
  auto start = static_cast<std::uint64_t>(at);
  auto bytes = static_cast<std::uint64_t>(size);
  auto& content = handle.file->content;
  if (handle.state->capacity && start + bytes > content.bytes().size()) {
    auto growth = start + bytes - content.bytes().size();
    if (handle.state->bytes_used() + growth > *handle.state->capacity) return SQLITE_FULL;
  }
  content.write(start, {static_cast<const std::uint8_t*>(from), bytes});
  return last ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  bool last = false;
  if (handle.is_dead() || !handle.state->operate(last)) return SQLITE_IOERR_TRUNCATE;
  handle.file->content.resize(static_cast<std::uint64_t>(size));
  return last ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  bool last = false;
  if (handle.is_dead() || !handle.state->operate(last)) return SQLITE_IOERR_FSYNC;
  if (last) return SQLITE_IOERR_FSYNC;
  if (handle.state->failing_syncs > 0) {
    --handle.state->failing_syncs;
    handle.file->content.fail_sync();
    return SQLITE_IOERR_FSYNC;
  }
  ++handle.state->syncs;
  handle.file->content.sync();
  if (handle.directory_is_due) handle.state->sync_directory();
  handle.directory_is_due = false;
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  if (handle.is_dead()) return SQLITE_IOERR_FSTAT;
  *out = static_cast<sqlite3_int64>(handle.file->content.bytes().size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  if (handle.is_dead()) return SQLITE_IOERR_LOCK;
  for (const auto& [other, held] : handle.file->locks) {
    if (other == file) continue;
    // Shared goes beside all below pending, reserved beside shared, exclusive beside none.
    bool free = level == SQLITE_LOCK_SHARED     ? held < SQLITE_LOCK_PENDING
                : level == SQLITE_LOCK_RESERVED ? held < SQLITE_LOCK_RESERVED
                                                : held < SQLITE_LOCK_SHARED;
    if (!free) return SQLITE_BUSY;
  }
  handle.file->locks[file] = level;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int level) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  if (!handle.is_dead()) handle.file->locks[file] = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* out) {
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  *out = 0;
  for (const auto& [other, held] : handle.file->locks) {
    if (held >= SQLITE_LOCK_RESERVED) *out = 1;
  }
  return SQLITE_OK;
}

int control(sqlite3_file* file, int operation, void* argument) {
  if (operation != sync_count_control) return SQLITE_NOTFOUND;
  Handle& handle = handle_of(file);
  Lock lock(handle.state->mutex);
  *static_cast<std::uint64_t*>(argument) = handle.state->syncs;
  return SQLITE_OK;
}

int sector_size(sqlite3_file*) {
  return FaultyFile::sector_bytes;
}
// As SQLite takes for granted of Unix file systems: a write cut short harms no octet beside it.
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  State& state = state_of(vfs);
  Lock lock(state.mutex);
  file->pMethods = nullptr;
  if (state.power_is_off) return SQLITE_CANTOPEN;
  std::string path =
      name != nullptr ? name : "temporary " + std::to_string(++state.temporary_files);
  bool is_new = !state.entries.contains(path);
  if (is_new) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    bool last = false;
    state.operate(last);
    state.make(path);
    if (last) return SQLITE_IOERR;
  }
  auto* handle = new (file) Handle{};
  handle->state = &state;
  handle->file = state.entries[path];
  handle->name = path;
  handle->generation = state.generation;
  handle->deleted_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  // As SQLite's own file system does: of a journal that may be made, whether or not it was there.
  // An earlier process may have made it and not come to sync it.
  constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  handle->directory_is_due =
      is_new || ((flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0);
  handle->base.pMethods = &methods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  State& state = state_of(vfs);
  Lock lock(state.mutex);
  if (!state.entries.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
  bool last = false;
  if (!state.operate(last)) return SQLITE_IOERR_DELETE;
  state.remove(name);
  if (last) return SQLITE_IOERR_DELETE;
  if (sync_directory != 0) state.sync_directory();
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* out) {
  State& state = state_of(vfs);
  Lock lock(state.mutex);
  *out = state.entries.contains(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
  return std::snprintf(out, static_cast<std::size_t>(size), "%s", name) < size ? SQLITE_OK
                                                                               : SQLITE_CANTOPEN;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  State& state = state_of(vfs);
  Lock lock(state.mutex);
  std::generate_n(out, size, [&] { return static_cast<char>(state.dice.next()); });
  return size;
}

int no_sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

int fixed_time(sqlite3_vfs*, double* out) {
  *out = 2460000.5;  // a Julian day; stores are given their times by cores, never ask SQLite
  return SQLITE_OK;
}

int no_last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

void register_vfs(State& state) {
  LIAISON_CHECK(sqlite3_vfs_find(state.name.c_str()) == nullptr);
  state.vfs.iVersion = 1;
  state.vfs.szOsFile = sizeof(Handle);
  state.vfs.mxPathname = 512;
  state.vfs.zName = state.name.c_str();
  state.vfs.pAppData = &state;
  state.vfs.xOpen = open_file;
  state.vfs.xDelete = delete_file;
  state.vfs.xAccess = access_file;
  state.vfs.xFullPathname = full_pathname;
  state.vfs.xRandomness = randomness;
  state.vfs.xSleep = no_sleep;
  state.vfs.xCurrentTime = fixed_time;
  state.vfs.xGetLastError = no_last_error;
  LIAISON_CHECK(sqlite3_vfs_register(&state.vfs, 0) == SQLITE_OK);
}

}  // namespace liaison::store::testing
