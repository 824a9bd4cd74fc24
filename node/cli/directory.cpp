#include "node/cli/directory.h"

#include <nlohmann/json.hpp>

#include "cli/input.h"
#include "web/json.h"

namespace liaison::node {

namespace fs = std::filesystem;

fs::path serving_path(const fs::path& directory) {
  return directory / "serving.json";
}

fs::path restoring_path(const fs::path& directory) {
  return directory / "restoring";
}

std::unique_ptr<net::DirectoryLock> take_directory(const fs::path& directory) {
  auto lock = std::make_unique<net::DirectoryLock>(directory.string());
  const auto path = serving_path(directory);
  std::error_code missing;
  const auto bytes = fs::file_size(path, missing);
  if (!missing && bytes > 0) fs::resize_file(path, 0);
  return lock;
}

std::optional<std::string> serving_url(const fs::path& directory) {
  // Who has the directory empties the file or has written it. With nobody there it is left over.
  if (!net::is_locked(directory.string())) return std::nullopt;
  const auto text = cli::read_input(serving_path(directory).string(), 65536);
  if (!text) return std::nullopt;
  const auto serving = web::parse_json_object(*text);
  if (!serving || !serving->contains("url") || !(*serving)["url"].is_string()) return std::nullopt;
  return (*serving)["url"].get<std::string>();
}

}  // namespace liaison::node
