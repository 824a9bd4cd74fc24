#include "broker/program/archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "audit/hash.h"
#include "broker/program/files.h"
#include "broker/shell/logs.h"
#include "crypto/file.h"
#include "wire/log_entry.h"

namespace liaison::broker {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t bundle_bytes_max = audit::tile_width * (audit::entry_bytes_max + 2);

/// "liaison/A" of "liaison/A/message/E": the epoch is none of the archive's.
std::string exchange_of(const std::string& origin) {
  return origin.substr(0, origin.find("/message/"));
}

void write_file_unsynced(const fs::path& path, ByteView content) {
  fs::create_directories(path.parent_path());
  const auto beside = path.string() + ".partial";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + beside + ": " + std::strerror(errno));
  fs::rename(beside, path);
}

bool is_bundle_of_a_log(ByteView octets) {
  const auto entries = audit::parse_bundle(octets, audit::tile_width);
  return entries && std::all_of(entries->begin(), entries->end(), [](ByteView each) {
           return wire::decode_log_entry(each).has_value();
         });
}

/// All that was written on that file system: one by one would take a sync for each file.
void sync_all(const fs::path& directory) {
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::syncfs(opened) == 0;
  if (opened >= 0) ::close(opened);
  if (!synced) throw std::runtime_error("cannot sync " + directory.string());
}

}  // namespace

Result<Bytes> read_archived(const std::string& archive, std::uint64_t index) {
  const auto file =
      fs::path(archive) / "message" / audit::entries_path_of(index, audit::tile_width);
  const auto octets = crypto::read_file(file, bundle_bytes_max, crypto::Readers::anyone);
  if (!octets) return fail(octets.error());
  return copy_of(octets->view());
}

ArchiveInPieces::ArchiveInPieces(Engine& engine, fs::path directory, Instant before, int pieces_max)
    : engine_(engine),
      directory_(std::move(directory)),
      before_(before),
      pieces_left_(pieces_max) {}

LogStore& ArchiveInPieces::store() {
  return engine_.logs().of(LogName::message).store();
}

fs::path ArchiveInPieces::path_of(std::uint64_t index) const {
  return directory_ / "message" / audit::entries_path_of(index, audit::tile_width);
}

Result<void> ArchiveInPieces::begin() {
  const auto exchange = exchange_of(engine_.logs().of(LogName::message).key().name) + '\n';
  const auto named = directory_ / "exchange";
  if (fs::exists(named)) {
    const auto is_of = read_file(named);
    if (!is_of) return fail(is_of.error());
    if (*is_of != exchange)
      return fail(Reason::conflict,
                  directory_.string() + " is the archive of another exchange: name another");
  } else {
    const auto is_ours = [&](const fs::directory_entry& each) {  // of a run that was killed here
      return each.path() == named.string() + ".partial";
    };
    if (fs::exists(directory_) && !std::ranges::all_of(fs::directory_iterator(directory_), is_ours))
      return fail(Reason::conflict, directory_.string() +
                                        " has something in it that is no archive: name a new "
                                        "directory, or one that `archive` made");
    make_private_directory(directory_);
    write_file(named, exchange);
  }
  begun_ = true;
  return {};
}

std::optional<Result<void>> ArchiveInPieces::step() {
  engine_to_ = store().archived();
  if (engine_to_ > 0 && directory_.string() != store().archive()) return take_over();
  const auto to = engine_.archivable(before_);
  is_more_ = to > engine_to_;
  // With nothing to move nothing is made.
  if (!is_more_ || pieces_left_-- == 0) return Result<void>();
  if (!begun_)
    if (auto good = begin(); !good) return good;
  if (auto written = write(engine_to_, to); !written) return written;
  sync_all(directory_);
  if (auto good = verify(engine_to_, to); !good) return good;
  engine_.drop_archived(to, directory_.string());
  moved_ += to - engine_to_;
  engine_to_ = to;
  return std::nullopt;
}

/// The archive lies elsewhere from now on: all of it, so that there is one. Each bundle is read
/// there, a piece at a time, before the old place is forgotten.
std::optional<Result<void>> ArchiveInPieces::take_over() {
  constexpr std::uint64_t at_once = 32 * audit::tile_width;
  const auto last = engine_to_ / audit::tile_width - 1;
  if (taken_over_ == 0)
    for (const auto index : {std::uint64_t{0}, last})
      if (!fs::exists(path_of(index)))
        return fail(Reason::conflict,
                    fmt::format("the entries before {} are archived in {}: copy that to {} first, "
                                "so that one archive has all",
                                engine_to_, store().archive(), directory_.string()));
  if (!begun_)
    if (auto good = begin(); !good) return good;
  const auto to = std::min(taken_over_ + at_once, engine_to_);
  if (auto good = verify(taken_over_, to); !good)
    return fail(good.error().reason,
                fmt::format("{} has not all that is archived in {}, which stays the archive: {}",
                            directory_.string(), store().archive(), good.error().text));
  taken_over_ = to;
  if (taken_over_ < engine_to_) return std::nullopt;
  sync_all(directory_);
  engine_.drop_archived(engine_to_, directory_.string());
  return std::nullopt;
}

Result<void> ArchiveInPieces::write(std::uint64_t from, std::uint64_t to) {
  for (auto first = from; first < to; first += audit::tile_width) {
    const auto index = first / audit::tile_width;
    const auto bundle = audit::encode_bundle(store().entries(first, audit::tile_width));
    const auto path = path_of(index);
    if (fs::exists(path)) {
      // Of a run that was killed, or of a broker that was restored from before one.
      const auto there = read_archived(directory_.string(), index);
      if (there && *there == bundle) continue;
      // What was written before the power failed may be there by its name alone.
      if (there && is_bundle_of_a_log(*there))
        return fail(Reason::conflict, path.string() +
                                          " has other entries than this broker: it is left as "
                                          "it is; name another directory");
    }
    write_file_unsynced(path, bundle);
  }
  return {};
}

Result<void> ArchiveInPieces::verify(std::uint64_t from, std::uint64_t to) const {
  auto& log = engine_.logs().of(LogName::message);
  for (auto first = from; first < to; first += audit::tile_width) {
    const auto index = first / audit::tile_width;
    const auto octets = read_archived(directory_.string(), index);
    const auto entries =
        octets ? audit::parse_bundle(*octets, audit::tile_width) : fail(octets.error());
    const auto hashes = log.tile({0, index});
    if (!hashes) return fail(hashes.error());
    if (!octets) return fail(octets.error());
    if (!entries)
      return fail(entries.error().reason, path_of(index).string() + ": " + entries.error().text);
    for (std::size_t at = 0; at < audit::tile_width; ++at)
      if (audit::leaf_hash((*entries)[at]) != (*hashes)[at])
        return fail(Reason::untrusted,
                    fmt::format("entry {} is not in {} as it was logged: nothing of that part "
                                "leaves the store",
                                first + at, path_of(index).string()));
  }
  return {};
}

Result<Instant> before_of(const nlohmann::json& request, Now now) {
  const auto at = request.find("before_ms");
  if (at == request.end() || !at->is_number_integer())
    return fail(Reason::malformed, "archive: before_ms: a time is wanted");
  const auto before = from_ms(at->get<std::int64_t>());
  if (before > now.wall)
    return fail(Reason::malformed, "that time is to come: name one that has passed");
  return before;
}

nlohmann::json told(const ArchiveInPieces& done, Engine& engine, const std::string& directory) {
  if (done.moved() > 0) engine.note_archived(done.archived(), "root", system_now());
  return {{"directory", directory},
          {"moved", done.moved()},
          {"archived", done.archived()},
          {"more", done.is_more()}};
}

nlohmann::json told(const ExportInPieces& done, Engine& engine, const std::string& directory) {
  nlohmann::json out{{"directory", directory}};
  if (done.missing() > 0) {
    out["missing"] = done.missing();
    out["archive"] = engine.logs().of(LogName::message).store().archive();
  }
  return out;
}

}  // namespace liaison::broker
