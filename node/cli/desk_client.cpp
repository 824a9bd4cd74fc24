#include "node/cli/desk_client.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "cli/input.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "node/cli/directory.h"
#include "node/cli/opened.h"
#include "node/cli/operator.h"
#include "web/json.h"
#include "web/problem.h"

namespace liaison::node {
namespace {

using cli::Arguments;
using cli::Takes;
using nlohmann::json;

constexpr std::size_t record_bytes_max = std::size_t{1} << 20;
constexpr std::size_t attachment_bytes_max = std::size_t{5} << 20;

Result<std::string> desk_url(const Kind& kind, const std::filesystem::path& directory) {
  if (const auto joined = check_joined(kind, directory); !joined) return fail(joined.error());
  if (auto url = serving_url(directory)) return std::move(*url);
  return fail(Reason::unavailable, "the node of " + directory.string() +
                                       " is not running, so nothing was done: start it with " +
                                       kind.program + " serve --dir " + directory.string());
}

/// The password of --as NAME, or the token.
Result<std::string> secret_of(const Arguments& arguments) {
  const auto name = arguments.text("--as");
  if (!name.empty()) return cli::read_password("Password for " + name, cli::Confirm::no);
  const auto file = arguments.text("--token-file");
  if (!file.empty()) return cli::read_private_line(file);
  return fail(Reason::forbidden,
              "say who you are: --as NAME asks for the password, --token-file FILE (or "
              "$LIAISON_TOKEN_FILE) names a token");
}

std::string fresh_key() {
  crypto::SystemEntropy entropy;
  std::array<std::uint8_t, 16> octets{};
  entropy.fill(octets);
  return to_hex(octets);
}

Result<json> parsed(const Result<std::string>& answer) {
  if (!answer) return fail(answer.error());
  auto out = json::parse(*answer, nullptr, false);
  if (out.is_discarded())
    return fail(Reason::malformed,
                "the desk's answer could not be read: is it of another version?");
  return out;
}

}  // namespace

Result<std::unique_ptr<DeskClient>> DeskClient::open(const Kind& kind, const Arguments& arguments) {
  const auto directory = arguments.text("--dir");
  if (const auto url = desk_url(kind, directory); !url) return fail(url.error());
  const auto secret = secret_of(arguments);
  if (!secret) return fail(secret.error());
  // Again, because typing takes its time: another may listen at the port of a daemon that ended.
  const auto url = desk_url(kind, directory);
  if (!url) return fail(url.error());
  std::unique_ptr<DeskClient> out(new DeskClient(*url));
  out->key_ = arguments.text("--idempotency-key");
  if (out->key_.empty()) out->key_ = fresh_key();
  const auto name = arguments.text("--as");
  if (!name.empty()) {
    const auto session =
        parsed(out->request(web::Method::post, "/api/v1/session",
                            web::to_text({{"name", name}, {"password", *secret}}), ""));
    if (!session) return fail(session.error());
    out->http_.set_bearer_token((*session)["token"].get<std::string>());
    out->signed_in_ = true;
    return out;
  }
  out->http_.set_bearer_token(*secret);
  return out;
}

DeskClient::~DeskClient() {
  if (signed_in_) (void)http_.request(web::Method::del, "/api/v1/session");
}

std::string DeskClient::next_key() {
  if (++changes_ == 1) return key_;
  const auto of_command = key_ + " " + std::to_string(changes_);
  return crypto::sha256(as_bytes(of_command)).text();
}

std::string DeskClient::how_to_repeat() const {
  return "repeat the command with --idempotency-key " + key_ + ", which does nothing twice";
}

Error DeskClient::unanswered(Error why, const std::string& key) const {
  if (why.reason == web::Client::could_not_ask) {
    why.text += changes_ > 1 ? ", so the rest was not done: start the node with serve, then " +
                                   how_to_repeat()
                             : ", so nothing was done: start the node with serve, then try again";
  } else {
    why.text += key.empty() ? ": nothing was to be changed, so try again"
                            : ": it may have been done or not; " + how_to_repeat();
  }
  return why;
}

Result<std::string> DeskClient::request(web::Method method, const std::string& path,
                                        const std::string& body, const std::string& key) {
  std::vector<web::Header> headers;
  if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
  const auto answer = http_.request(method, path, body, "application/json", headers);
  if (!answer) return fail(unanswered(answer.error(), key));
  if (answer->status >= 300) {
    auto refused = web::error_of(answer->status, answer->body);
    if (!key.empty() && changes_ > 1) refused.text += "; " + how_to_repeat();
    return fail(std::move(refused));
  }
  return answer->body;
}

Result<json> DeskClient::send(web::Method method, const std::string& path,
                              const std::string& body) {
  return parsed(request(method, path, body, web::is_unsafe(method) ? next_key() : ""));
}

Result<json> DeskClient::get(const std::string& path) {
  return send(web::Method::get, path, "");
}

Result<json> DeskClient::post(const std::string& path, const json& body) {
  return send(web::Method::post, path, web::to_text(body));
}

Result<std::string> DeskClient::download(const std::string& path) {
  return request(web::Method::get, path, "", "");
}

cli::Command desk_command(const Kind& kind, std::string path, std::string about,
                          const std::string& example, std::vector<cli::Positional> positionals,
                          std::vector<cli::Option> options, DeskRun run) {
  cli::Command out;
  out.example = kind.program + " " + path + (example.empty() ? "" : " " + example) + " --dir DIR";
  out.path = std::move(path);
  out.about = std::move(about);
  out.positionals = std::move(positionals);
  out.options = std::move(options);
  out.options.push_back(dir_option());
  out.options.push_back(json_option());
  out.options.push_back({"--as", "NAME", "sign in as this person; asks for the password"});
  out.options.push_back({"--token-file", "FILE",
                         "act as the person of this token (default: $LIAISON_TOKEN_FILE)",
                         Takes::one, cli::Option::Need::optional, "LIAISON_TOKEN_FILE"});
  out.options.push_back(
      {"--idempotency-key", "KEY",
       "the same command again under the same key does nothing twice (default: a fresh one)"});
  out.run = [kind, run = std::move(run)](const Arguments& arguments) -> Result<void> {
    const auto client = DeskClient::open(kind, arguments);
    if (!client) return fail(client.error());
    return run(**client, arguments);
  };
  return out;
}

cli::Command referral_action(const Kind& kind, const std::string& word, const std::string& action,
                             std::string about, const std::string& more_example,
                             std::vector<cli::Option> options,
                             std::function<Result<json>(const Arguments&)> body) {
  return desk_command(kind, "referral " + word, std::move(about),
                      "REFERRAL" + (more_example.empty() ? "" : " " + more_example),
                      {{"REFERRAL", "its id, or enough of its beginning"}}, std::move(options),
                      [action, body = std::move(body)](DeskClient& desk,
                                                       const Arguments& arguments) -> Result<void> {
                        const auto sent = body(arguments);
                        if (!sent) return fail(sent.error());
                        const auto referral = desk.post(
                            api({"referrals", arguments.text("REFERRAL"), action}), *sent);
                        if (!referral) return fail(referral.error());
                        cli::print_made(*referral, printed_as(arguments));
                        return {};
                      });
}

cli::As printed_as(const Arguments& arguments) {
  return arguments.has("--json") ? cli::As::json : cli::As::text;
}

cli::Option file_option(std::string about, cli::Option::Need need) {
  return {"--file", "FILE", std::move(about), Takes::one, need, ""};
}

Result<std::string> text_of(const Arguments& arguments, const std::string& option) {
  if (!arguments.has(option)) return std::string();
  const auto path = arguments.text(option);
  auto text = cli::read_input(path, record_bytes_max);
  if (!text) return text;
  if (!is_utf8(*text))
    return fail(Reason::malformed,
                (path == "-" ? std::string("standard input") : path) + " is not text (UTF-8)");
  return text;
}

Result<json> attachment_of(const std::string& path) {
  const auto octets = cli::read_input(path, attachment_bytes_max + 1);
  if (!octets && octets.error().reason != Reason::too_large) return fail(octets.error());
  if (!octets || octets->size() > attachment_bytes_max) {
    return fail(Reason::too_large, "the attachment " + path + " is over 5 MiB: send a smaller one");
  }
  return json{{"name", std::filesystem::path(path).filename().string()},
              {"content", to_base64(as_bytes(*octets))}};
}

std::string api(std::initializer_list<std::string> parts) {
  std::string out = "/api/v1";
  for (const auto& part : parts)
    out += "/" + web::encode_component(part);
  return out;
}

}  // namespace liaison::node
