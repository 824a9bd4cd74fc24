#include "broker/program/offline.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <vector>

#include "base/log.h"
#include "broker/program/files.h"
#include "store/failure.h"

namespace liaison::broker {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// Whether a file's name says that it is complete: who writes it (liaison-ca, a file manager) gives
/// it this name last.
bool is_whole(const fs::path& file) {
  const auto end = file.extension();
  return file.filename().string().front() != '.' &&
         (end == ".pem" || end == ".crt" || end == ".cer" || end == ".der" || end == ".crl");
}

/// The octets of a PEM block, or the file's own if it is none.
Bytes der_of(const std::string& content) {
  const auto begin = content.find("-----BEGIN ");
  if (begin == std::string::npos) return copy_of(as_bytes(content));
  const auto line = content.find('\n', begin);
  const auto end = content.find("-----END ", begin);
  if (line == std::string::npos || end == std::string::npos || end < line) return {};
  std::string text = content.substr(line, end - line);
  std::erase_if(text, [](char each) { return each == '\n' || each == '\r' || each == ' '; });
  auto der = from_base64(text);
  return der ? *der : Bytes{};
}

}  // namespace

void OfflineAuthority::look(Engine& engine, Now now) {
  try {
    make_directories();
    import_signed(engine, now);
    export_requests(engine, now);
  } catch (const store::Failure&) {
    throw;  // our own store's: that ends the process
  } catch (const std::exception& error) {
    if (now.steady < silent_until_) return;
    silent_until_ = now.steady + std::chrono::minutes(1);
    log::warning("what passes between the exchange and its offline authority waits",
                 {{"directory", directory_.string()}, {"why", error.what()}});
  }
}

/// A backup has none of them: they hold nothing that lasts.
void OfflineAuthority::make_directories() const {
  for (const char* each : {"requests", "signed", "done", "refused"})
    fs::create_directories(directory_ / each);
}

void OfflineAuthority::export_requests(Engine& engine, Now now) {
  const auto answer = Json::parse(engine.admin(R"({"command":"pending"})", now));
  std::set<fs::path> waiting;
  for (const auto& row : answer.at("ok")) {
    if (!row.contains("signing_request")) continue;
    const auto name = row.at("node").get<std::string>();
    const auto request = row.at("signing_request").get<std::string>();
    const auto file = directory_ / "requests" / (name + ".json");
    waiting.insert(file);
    if (auto there = read_file(file); there && *there == request) continue;
    write_file(file, request);
    log::info("a certificate request waits for the authority", {{"node", name}});
  }
  // What was answered, by whatever way the answer came, would be signed once more.
  std::vector<fs::path> answered;
  for (const auto& each : fs::directory_iterator(directory_ / "requests"))
    if (each.path().extension() == ".json" && waiting.count(each.path()) == 0)
      answered.push_back(each.path());
  for (const auto& file : answered)
    fs::remove(file);
}

void OfflineAuthority::import_signed(Engine& engine, Now now) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& each : fs::directory_iterator(directory_ / "signed", error))
    if (each.is_regular_file(error) && is_whole(each.path()) && dealt_with_.count(each.path()) == 0)
      files.push_back(each.path());
  // Lists last: one that shuts out who is admitted again ends what that one had asked before it.
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return std::tuple(a.extension() == ".crl", a) < std::tuple(b.extension() == ".crl", b);
  });
  for (const auto& file : files) {
    const auto content = read_file(file);
    if (!content) continue;
    const bool list =
        file.extension() == ".crl" || content->find("BEGIN X509 CRL") != std::string::npos;
    const Json request{{"command", "import"},
                       {"kind", list ? "revocations" : "certificate"},
                       {"der", to_base64(der_of(*content))}};
    const auto answer = Json::parse(engine.admin(request.dump(), now));
    const bool taken = answer.contains("ok");
    const auto name = file.filename().string();
    if (taken)
      log::info("the authority's answer was taken", {{"file", name}});
    else
      log::warning("the authority's answer was refused",
                   {{"file", name}, {"why", answer.at("error").get<std::string>()}});
    dealt_with_.insert(file);  // should it not go away, it is not taken for another
    fs::rename(file, directory_ / (taken ? "done" : "refused") / name);
    dealt_with_.erase(file);
  }
}

}  // namespace liaison::broker
