#include "store/counting_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <new>

#include "base/check.h"

namespace liaison::store {
namespace {

// Everything is passed on to the system's VFS except that syncs are counted, and that methods for
// memory mapping and shared memory are missing: locking_mode=EXCLUSIVE needs neither, so a
// connection that forgot it fails rather than sharing the file.

struct File {
  sqlite3_file base;
  std::atomic<std::uint64_t>* syncs;  // the main file's, also for its WAL and journal
  std::atomic<std::uint64_t> own_syncs;
  // The system's own file follows at `real_offset`.
};

constexpr std::size_t real_offset = (sizeof(File) + 15) / 16 * 16;

sqlite3_vfs* system_vfs = nullptr;

File* file_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + real_offset);
}

int close_file(sqlite3_file* file) {
  int code = real(file)->pMethods->xClose(real(file));
  file_of(file)->~File();
  return code;
}
int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  return real(file)->pMethods->xRead(real(file), out, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  return real(file)->pMethods->xWrite(real(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  file_of(file)->syncs->fetch_add(1, std::memory_order_relaxed);
  return real(file)->pMethods->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* out) {
  return real(file)->pMethods->xFileSize(real(file), out);
}
int lock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int check_reserved(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int control(sqlite3_file* file, int operation, void* argument) {
  if (operation == sync_count_control) {
    *static_cast<std::uint64_t*>(argument) = file_of(file)->syncs->load();
    return SQLITE_OK;
  }
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
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

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  auto* ours = new (file) File{};
  real(file)->pMethods = nullptr;
  int code = system_vfs->xOpen(system_vfs, name, real(file), flags, flags_out);
  if (code != SQLITE_OK) {
    if (real(file)->pMethods != nullptr) real(file)->pMethods->xClose(real(file));
    ours->~File();
    return code;
  }
  ours->syncs = &ours->own_syncs;
  if (name != nullptr && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) {
    // SQLite promises that such a file is closed before the main one.
    ours->syncs = file_of(sqlite3_database_file_object(name))->syncs;
  }
  ours->base.pMethods = &methods;
  return SQLITE_OK;
}

}  // namespace

const char* counting_vfs() {
  static sqlite3_vfs* const registered = [] {
    system_vfs = sqlite3_vfs_find(nullptr);
    LIAISON_CHECK(system_vfs != nullptr);
    static sqlite3_vfs vfs = *system_vfs;
    vfs.pNext = nullptr;
    vfs.zName = "liaison";
    vfs.szOsFile = static_cast<int>(real_offset) + system_vfs->szOsFile;
    vfs.xOpen = open_file;
    LIAISON_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
    return &vfs;
  }();
  return registered->zName;
}

}  // namespace liaison::store
