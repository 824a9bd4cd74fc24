#include "node/cli/operator.h"

#include <nlohmann/json.hpp>

#include "cli/input.h"
#include "net/admin.h"
#include "node/cli/opened.h"
#include "node/desk/disclosures.h"
#include "node/desk/people_admin.h"
#include "node/shell/admin.h"
#include "store/database.h"
#include "web/json.h"

namespace liaison::node {
namespace {

using nlohmann::json;

constexpr auto patience = std::chrono::seconds(120);

Result<json> read_answer(std::string_view text) {
  auto answer = web::parse_json_object(text);
  if (!answer)
    return fail(Reason::malformed,
                "the daemon's answer could not be read: is it of another version?");
  if (!answer->value("ok", false)) {
    return fail(Reason::conflict,
                answer->value("error", std::string("the daemon refused, and did not say why")));
  }
  answer->erase("ok");
  return answer;
}

/// The same request, answered by this process.
Result<std::string> answer_here(const Kind& kind, const std::filesystem::path& directory,
                                const std::string& request) {
  if (request.find("\"user-") != std::string::npos) {
    auto opened = open_store(directory);
    if (!opened) return fail(opened.error());
    crypto::SystemEntropy entropy;
    store::Transaction change(*opened->database);
    auto answer =
        answer_people(*opened->database, kind.role, entropy, nullptr, request, system_now());
    change.commit();
    if (answer) return std::move(*answer);
  }
  auto opened = open_node(kind, directory);
  if (!opened) return fail(opened.error());
  if (const auto refusal = refuse_operator(opened->engine->database(), request, system_now()))
    return *refusal;
  auto answer = answer_disclosures(*opened->engine, request, system_now());
  if (!answer) answer = answer_admin(*opened->engine, request, system_now());
  opened->engine->turn(system_now());
  return std::move(*answer);
}

}  // namespace

Result<json> ask_operator(const Kind& kind, const std::filesystem::path& directory, json request) {
  if (const auto joined = check_joined(kind, directory); !joined) return fail(joined.error());
  const auto text = web::to_text(request);
  const auto answer = net::is_locked(directory.string())
                          ? net::admin_call(directory.string(), text, patience)
                          : answer_here(kind, directory, text);
  if (!answer) return fail(answer.error());
  return read_answer(*answer);
}

Result<void> show_token(const cli::Arguments& arguments, json& request) {
  const auto file = arguments.text("--token-file");
  if (file.empty()) return {};
  const auto token = cli::read_private_line(file);
  if (!token) return fail(token.error());
  request["bearer"] = *token;
  return {};
}

cli::Option token_option() {
  return {"--token-file", "FILE",
          "act by this token, an administrator's (default: by having the directory)"};
}

cli::Option dir_option() {
  return {"--dir",
          "DIR",
          "the node's directory (default: $LIAISON_DIR)",
          cli::Takes::one,
          cli::Option::Need::required,
          "LIAISON_DIR"};
}

cli::Option json_option() {
  return {"--json", "", "print JSON", cli::Takes::nothing, cli::Option::Need::optional, ""};
}

}  // namespace liaison::node
