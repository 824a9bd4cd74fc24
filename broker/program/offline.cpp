#include "broker/program/offline.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/log.h"
#include "broker/program/files.h"
#include "crypto/certificate.h"
#include "crypto/revocation.h"
#include "store/failure.h"

namespace liaison::broker {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

// Whatever can be a list, as PEM too, is tried until it can be read.
constexpr std::uintmax_t read_again_max = 2 * crypto::revocation_list_bytes_max;

/// Whether a file's name says that it is complete: who writes it gives it this name last. A copy
/// from another disk may have the name at once.
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

/// The engine is asked to import what a file holds. The error: why it cannot be read, or not yet.
Result<Json> request_of(const fs::path& file) {
  const auto content = read_file(file);
  if (!content) return fail(content.error());
  const bool list =
      file.extension() == ".crl" || content->find("BEGIN X509 CRL") != std::string::npos;
  const auto der = der_of(*content);
  if (list) {
    if (const auto read = crypto::RevocationList::parse(der); !read) return fail(read.error());
  } else {
    if (const auto read = crypto::Certificate::parse(der); !read) return fail(read.error());
  }
  return Json{{"command", "import"},
              {"kind", list ? "revocations" : "certificate"},
              {"der", to_base64(der)}};
}

}  // namespace

OfflineAuthority::NotRead OfflineAuthority::state_of(const fs::path& file) {
  NotRead out;
  std::error_code error;
  out.bytes = fs::file_size(file, error);
  if (error) out.bytes = 0;
  out.changed = fs::last_write_time(file, error);
  out.permissions = fs::status(file, error).permissions();
  return out;
}

std::vector<std::string> OfflineAuthority::not_read() const {
  std::vector<std::string> out;
  for (const auto& [file, tried] : not_read_)
    out.push_back(file.filename().string() + " (" + tried.why + ")");
  return out;
}

std::string OfflineAuthority::with_not_read(const std::string& status) const {
  auto answer = Json::parse(status);
  if (not_read_.empty() || !answer.contains("ok")) return status;
  answer["ok"]["signed_not_read"] = not_read();
  // A file's name may be no UTF-8.
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

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
  const auto not_read_before = std::exchange(not_read_, {});
  for (const auto& file : files) {
    const auto name = file.filename().string();
    auto tried = state_of(file);
    const auto before = not_read_before.find(file);
    // What is long and has not changed is not read at each look: frames would wait for it.
    if (before != not_read_before.end() && tried.bytes > read_again_max &&
        std::tie(tried.bytes, tried.changed, tried.permissions) ==
            std::tie(before->second.bytes, before->second.changed, before->second.permissions)) {
      not_read_.insert(*before);
      continue;
    }
    const auto request = request_of(file);
    if (!request) {
      tried.why = request.error().text;
      not_read_.insert_or_assign(file, std::move(tried));
      if (before == not_read_before.end())
        log::warning("the authority's answer cannot be read yet: it is tried again until it can",
                     {{"file", name}, {"why", request.error().text}});
      continue;
    }
    const auto answer = Json::parse(engine.admin(request->dump(), now));
    const bool taken = answer.contains("ok");
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
