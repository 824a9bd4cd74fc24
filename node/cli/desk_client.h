#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/command.h"
#include "cli/output.h"
#include "node/cli/kind.h"
#include "web/client.h"

namespace liaison::node {

/// A desk command's connection to the node that serves its directory, as the person whom the
/// command's options name. One key, of --idempotency-key or a fresh one, is the command's: the
/// changes that it asks for go under keys made of it, so that repeating the command with its key
/// does none of them twice.
class DeskClient {
 public:
  /// With --as NAME: signs in with a password; otherwise with the token of --token-file.
  static Result<std::unique_ptr<DeskClient>> open(const Kind& kind,
                                                  const cli::Arguments& arguments);
  /// Ends the session, if it was signed in.
  ~DeskClient();
  DeskClient(const DeskClient&) = delete;
  DeskClient& operator=(const DeskClient&) = delete;

  Result<nlohmann::json> get(const std::string& path);
  Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body);
  /// Sends text as it is: a record from a file, which the desk judges.
  Result<nlohmann::json> send(web::Method method, const std::string& path, const std::string& body);
  /// Octets, whatever they are.
  Result<std::string> download(const std::string& path);

 private:
  explicit DeskClient(const std::string& url) : http_(url) {}
  /// One exchange; `key`: the Idempotency-Key, empty for what is not a change.
  Result<std::string> request(web::Method method, const std::string& path, const std::string& body,
                              const std::string& key);
  /// The key of the command's next change: the first one's is the command's own.
  std::string next_key();
  /// "repeat the command with --idempotency-key ...", for a line about what was left half done.
  [[nodiscard]] std::string how_to_repeat() const;
  /// What a person is told when there is no answer: whether it may have been done, and what to do.
  [[nodiscard]] Error unanswered(Error why, const std::string& key) const;

  web::Client http_;
  std::string key_;
  int changes_ = 0;  ///< asked for until now
  bool signed_in_ = false;
};

using DeskRun = std::function<Result<void>(DeskClient&, const cli::Arguments&)>;

/// A desk command: what it has of its own, and the options that every desk command has.
cli::Command desk_command(const Kind& kind, std::string path, std::string about,
                          const std::string& example, std::vector<cli::Positional> positionals,
                          std::vector<cli::Option> options, DeskRun run);

/// A command that does one thing with one referral: POST .../referrals/REFERRAL/`action` with the
/// body that `body` makes of the arguments, and prints the referral.
cli::Command referral_action(const Kind& kind, const std::string& word, const std::string& action,
                             std::string about, const std::string& more_example,
                             std::vector<cli::Option> options,
                             std::function<Result<nlohmann::json>(const cli::Arguments&)> body);

cli::As printed_as(const cli::Arguments& arguments);
/// --file F: a text or a record; "-" reads standard input.
cli::Option file_option(std::string about, cli::Option::Need need = cli::Option::Need::optional);
/// The text of --file, UTF-8, at most 1 MiB; empty if it was not given.
Result<std::string> text_of(const cli::Arguments& arguments, const std::string& option = "--file");
/// {"name", "content"} of a document for the API.
Result<nlohmann::json> attachment_of(const std::string& path);
/// "/api/v1/" and the parts, each percent-encoded, with slashes between.
std::string api(std::initializer_list<std::string> parts);

}  // namespace liaison::node
