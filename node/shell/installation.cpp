#include "node/shell/installation.h"

#include <nlohmann/json.hpp>

#include "node/shell/registry_store.h"
#include "store/failure.h"

namespace liaison::node {
namespace {
constexpr const char* meta_name = "installation";
}

std::optional<Installation> read_installation(store::Database& database) {
  Sql sql(database);
  auto kept = RegistryStore(sql).meta(meta_name);
  if (!kept) return std::nullopt;
  auto json = nlohmann::json::parse(as_text(*kept), nullptr, false);
  try {
    Installation out;
    auto node = NodeId::parse(json.at("node").get<std::string>());
    auto broker = CurveKey::parse(json.at("broker").get<std::string>());
    auto authority = from_base64(json.at("authority").get<std::string>());
    auto certificate = from_base64(json.at("certificate").get<std::string>());
    if (node && broker && authority && certificate) {
      out.node = *node;
      out.broker = *broker;
      out.exchange = json.at("exchange").get<std::vector<std::string>>();
      out.authority = *authority;
      out.certificate = *certificate;
      for (const auto& text : json.value("log_keys", std::vector<std::string>{}))
        if (auto key = crypto::WitnessKey::parse(text)) out.log_keys.push_back(*key);
      return out;
    }
  } catch (const nlohmann::json::exception&) {
  }
  throw store::Failure(
      store::Failure::Kind::corrupt,
      "the node's store is damaged: what joining settled cannot be read; restore from a backup");
}

void write_installation(store::Database& database, const Installation& installation) {
  auto log_keys = nlohmann::json::array();
  for (const auto& key : installation.log_keys)
    log_keys.push_back(key.text());
  nlohmann::json json{{"node", installation.node.text()},
                      {"exchange", installation.exchange},
                      {"broker", installation.broker.text()},
                      {"authority", to_base64(installation.authority)},
                      {"certificate", to_base64(installation.certificate)},
                      {"log_keys", log_keys}};
  Sql sql(database);
  auto text = json.dump();
  RegistryStore(sql).set_meta(meta_name, as_bytes(text));
}

}  // namespace liaison::node
