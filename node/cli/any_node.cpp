#include "node/cli/any_node.h"

#include <nlohmann/json.hpp>

#include "crypto/profile.h"
#include "node/cli/opened.h"
#include "node/cli/operator.h"
#include "node/shell/installation.h"
#include "node/shell/join.h"

namespace liaison::node {
namespace {

/// What its certificate says. A daemon that serves it knows, and is not asked.
Result<Kind> kind_of(const std::filesystem::path& directory) {
  Kind adviser{NodeRole::adviser, "liaison-adviser", 7681, {}};
  if (net::is_locked(directory.string())) return adviser;
  if (const auto joined = check_joined(adviser, directory); !joined) return fail(joined.error());
  const auto opened = open_store(directory);
  if (!opened) return fail(opened.error());
  const auto installation = read_installation(*opened->database);
  if (!installation) return adviser;
  const auto certificate = crypto::Certificate::parse(installation->certificate);
  const auto profile = certificate ? crypto::read_signing(*certificate) : fail(certificate.error());
  if (profile && profile->role == NodeRole::provider)
    return Kind{NodeRole::provider, "liaison-provider", 7682, {}};
  return adviser;
}

}  // namespace

bool is_node(const std::filesystem::path& directory) {
  std::error_code ignored;
  return std::filesystem::exists(store_path(directory), ignored);
}

Result<nlohmann::json> ask_any_node(const std::filesystem::path& directory,
                                    nlohmann::json request) {
  const auto kind = kind_of(directory);
  if (!kind) return fail(kind.error());
  return ask_operator(*kind, directory, std::move(request));
}

}  // namespace liaison::node
