#include "broker/program/export.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "broker/program/files.h"
#include "broker/shell/cosignatures.h"
#include "crypto/certificate.h"
#include "wire/registry.h"

namespace liaison::broker {
namespace fs = std::filesystem;
namespace {

constexpr int stretches_at_once = 8;

[[noreturn]] void failed(const fs::path& path) {
  throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

ExportInPieces::ExportInPieces(Engine& engine, fs::path directory)
    : engine_(engine),
      store_(engine.database()),
      directory_(std::move(directory)),
      partial_(directory_.string() + ".partial") {}

ExportInPieces::~ExportInPieces() {
  std::error_code ignored;
  if (begun_) fs::remove_all(partial_, ignored);
}

Result<void> ExportInPieces::begin() {
  if (fs::exists(fs::symlink_status(directory_)))
    return fail(Reason::conflict, directory_.string() + " is there already: name another");
  if (fs::exists(fs::symlink_status(partial_)))
    return fail(Reason::conflict, partial_.string() +
                                      " is there, perhaps of an export that was killed: remove it, "
                                      "or name another directory");
  std::string keys, former;
  for (const auto name : {LogName::registry, LogName::message}) {
    const auto& log = engine_.logs().of(name);
    if (!log.newest())
      return fail(Reason::unavailable,
                  fmt::format("the {} log has no checkpoint yet: let the broker serve for a second "
                              "with something to sign",
                              name_of(name)));
    parts_.push_back({name, *log.newest(), 0});
    keys += audit::encode(log.key()) + '\n';
    for (const auto& key : engine_.former_log_keys())
      former += audit::encode(audit::NoteKey{log.key().name, audit::KeyKind::note, key}) + '\n';
  }
  make_private_directory(partial_);  // who writes to whom is for whom it is handed to
  begun_ = true;
  write("keys", as_bytes(keys + former));
  return {};
}

std::optional<Result<void>> ExportInPieces::step() {
  if (!begun_) {
    if (auto good = begin(); !good) return good;
  }
  for (auto& part : parts_)
    for (int stretch = 0; part.next < audit::tiles_in(part.checkpoint.checkpoint.size, 0);) {
      write_stretch(part);
      if (++stretch == stretches_at_once) return std::nullopt;
    }
  for (auto& part : parts_)
    write_above(part);
  finish();
  return Result<void>();
}

/// A tile of entries' hashes, and the entries.
void ExportInPieces::write_stretch(Part& part) {
  auto& log = engine_.logs().of(part.name);
  const auto width = audit::width_in(part.checkpoint.checkpoint.size, 0, part.next);
  const audit::Tile tile{0, part.next, width};
  const auto hashes = log.tile(tile);
  if (!hashes) throw std::runtime_error(hashes.error().text);
  const fs::path root(name_of(part.name));
  const auto first = part.next * audit::tile_width;
  write(root / audit::path_of(tile), audit::encode_tile(*hashes));
  const auto entries = log.store().read(first, width);
  if (entries)
    write(root / audit::entries_path_of(part.next, width), audit::encode_bundle(*entries));
  else if (entries.error().reason == Reason::not_found)
    missing_ += width;
  else
    throw std::runtime_error(entries.error().text);
  if (part.name == LogName::registry) write_bodies(first, width);
  ++part.next;
}

void ExportInPieces::write_above(Part& part) {
  auto& log = engine_.logs().of(part.name);
  const auto size = part.checkpoint.checkpoint.size;
  const fs::path root(name_of(part.name));
  for (unsigned level = 1; level <= audit::tile_level_max; ++level)
    for (std::uint64_t index = 0; index < audit::tiles_in(size, level); ++index) {
      const audit::Tile tile{level, index, audit::width_in(size, level, index)};
      const auto hashes = log.tile(tile);
      if (!hashes) throw std::runtime_error(hashes.error().text);
      write(root / audit::path_of(tile), audit::encode_tile(*hashes));
    }
  write(root / "checkpoint",
        as_bytes(engine_.cosignatures().with_cosignatures(part.name, part.checkpoint)));
  // What witnesses have said of beginnings of this log, which is more than the newest may have.
  for (const auto& [size_then, note] : engine_.cosignatures().kept(part.name))
    if (size_then < size) write(root / "cosigned" / std::to_string(size_then), as_bytes(note));
}

void ExportInPieces::write_bodies(std::uint64_t first, unsigned count) {
  for (const auto& entry : store_.entries(first, count)) {
    write(fs::path("registry") / audit::body_path_of(first), entry.body);
    write_certificate(first++, entry);
  }
}

void ExportInPieces::write_certificate(std::uint64_t index, const Store::Entry& entry) {
  auto der = entry.body;
  std::string what = "sealing";
  switch (entry.kind) {
    case wire::EntryKind::authority:
      what = "authority";
      break;
    case wire::EntryKind::signing_certificate: {
      auto issued = wire::decode_issued_certificate(entry.body);
      if (!issued) return;
      der = std::move(issued->certificate);
      what = "signing";
      break;
    }
    case wire::EntryKind::sealing_certificate:
      break;
    default:
      return;
  }
  const auto certificate = crypto::Certificate::parse(der);
  if (!certificate) return;
  const auto pem = certificate->pem();
  write(fs::path("certificates") / fmt::format("{:06}-{}.pem", index, what), as_bytes(pem));
}

void ExportInPieces::write(const fs::path& name, ByteView content) {
  const auto path = partial_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) failed(path);
}

void ExportInPieces::finish() {
  const int opened = ::open(partial_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // All of its files at once: one by one would take a sync each.
  const bool synced = opened >= 0 && ::syncfs(opened) == 0;
  if (opened >= 0) ::close(opened);
  if (!synced) failed(partial_);
  fs::rename(partial_, directory_);
  begun_ = false;
  sync_directory(fs::absolute(directory_).parent_path());
}

}  // namespace liaison::broker
