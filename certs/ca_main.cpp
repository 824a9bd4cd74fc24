// liaison-ca: the exchange's certificate authority, kept offline.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "base/text.h"
#include "certs/ca_commands.h"
#include "cli/output.h"
#include "cli/words.h"
#include "crypto/passphrase.h"
#include "crypto/start.h"

namespace {

using namespace liaison;
using certs::AuthorityDirectory;

struct Options {
  std::string directory;
  std::string name = "Liaison exchange";
  std::string passphrase_file;
  bool unprotected = false;
  std::string requests;
  std::string out;
  bool admit_new = false;
  std::vector<std::string> rejoin;
  std::string node;
  std::string reason = "unspecified";
  std::string as_of;
  bool json = false;
};

int refuse(const Error& error) {
  std::cerr << "liaison-ca: " << error.text << '\n';
  return 1;
}

Result<std::optional<Secret>> passphrase(const Options& options, crypto::Ask ask) {
  crypto::PassphraseSource source;
  const bool plain =
      ask == crypto::Ask::twice
          ? options.unprotected
          : crypto::KeyVault::is_unprotected(std::filesystem::path(options.directory) / "keys");
  if (plain) return crypto::read_passphrase(source);
  source.kind = options.passphrase_file.empty() ? crypto::PassphraseSource::Kind::terminal
                                                : crypto::PassphraseSource::Kind::file;
  source.file = options.passphrase_file;
  return crypto::read_passphrase(source, ask);
}

Result<AuthorityDirectory> open_authority(const Options& options, AuthorityDirectory::Use use) {
  // Asking for the passphrase of what is not there would be a poor welcome.
  if (!std::filesystem::exists(std::filesystem::path(options.directory) / "authority.pem")) {
    return AuthorityDirectory::open(options.directory, std::nullopt, use);
  }
  auto words = passphrase(options, crypto::Ask::once);
  if (!words) return fail(words.error());
  return AuthorityDirectory::open(options.directory, std::move(*words), use);
}

int init(const Options& options) {
  if (const auto good = certs::check_organisation(options.name); !good) return refuse(good.error());
  auto words = passphrase(options, crypto::Ask::twice);
  if (!words) return refuse(words.error());
  const auto made = AuthorityDirectory::create(options.directory, options.name, std::move(*words),
                                               system_now().wall);
  if (!made) return refuse(made.error());
  const auto& certificate = made->authority().certificate();
  std::cout << "The authority of " << options.name << " is in " << options.directory << ", until "
            << to_rfc3339(certificate.not_after())
            << ".\nFingerprint: " << certificate.fingerprint().text() << '\n';
  return 0;
}

int sign(const Options& options) {
  auto authority = open_authority(options, AuthorityDirectory::Use::writing);
  if (!authority) return refuse(authority.error());
  certs::Admission admission{options.admit_new};
  for (const auto& name : options.rejoin) {
    const auto node = NodeId::parse(name);
    if (!node) return refuse(node.error());
    admission.again.insert(*node);
  }
  const auto out = options.out.empty() ? options.requests : options.out;
  const auto refused = certs::sign_requests(*authority, options.requests, out, admission,
                                            system_now().wall, std::cout);
  if (!refused) return refuse(refused.error());
  if (*refused == 0) return 0;
  return refuse({Reason::forbidden,
                 std::to_string(*refused) + " of the requests refused, the others signed"});
}

int revoke(const Options& options) {
  const auto node = NodeId::parse(options.node);
  if (!node) return refuse(node.error());
  const auto reason = crypto::parse_revocation_reason(options.reason);
  if (!reason) return refuse(reason.error());
  std::optional<Instant> as_of;
  const auto now = system_now().wall;
  if (!options.as_of.empty()) {
    const auto at = parse_rfc3339(options.as_of);
    if (!at) return refuse(at.error());
    if (*at > now)
      return refuse({Reason::malformed,
                     "--as-of is in the future: a revocation counts from now at the latest"});
    as_of = *at;
  }
  auto authority = open_authority(options, AuthorityDirectory::Use::writing);
  if (!authority) return refuse(authority.error());
  const auto list = authority->revoke(*node, *reason, as_of, now);
  if (!list) return refuse(list.error());
  std::cout << "Revoked " << node->text() << "; list " << list->number() << " is "
            << (std::filesystem::path(options.directory) / "revocations.crl").string() << '\n';
  return 0;
}

int list(const Options& options) {
  auto authority = open_authority(options, AuthorityDirectory::Use::reading);
  if (!authority) return refuse(authority.error());
  const auto form = options.json ? certs::Form::json : certs::Form::text;
  const auto done = certs::list_certificates(*authority, form, system_now().wall, std::cout);
  return done ? 0 : refuse(done.error());
}

void add_passphrase(CLI::App& command, Options& options) {
  command.add_option(
      "--passphrase-file", options.passphrase_file,
      "file whose first line is the passphrase of the key; asked for at the terminal otherwise");
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{
      "The exchange's certificate authority, kept offline: signs what nodes ask for in batches.",
      "liaison-ca"};
  app.require_subcommand(1);
  app.footer("Example:\n  liaison-ca list --dir /secure/authority");
  int status = 0;

  auto* const init_command = app.add_subcommand("init", "make an authority");
  init_command->add_option("DIR", options.directory, "directory to make it in")->required();
  init_command->add_option("--name", options.name,
                           "what the exchange is called, as certificates show it");
  init_command->add_flag("--unprotected", options.unprotected, "keep the key in a plain file");
  add_passphrase(*init_command, options);
  init_command->footer(
      "Example:\n  liaison-ca init /secure/authority --name 'West Yorkshire exchange'");
  init_command->callback([&] { status = init(options); });

  const auto with_directory = [&](CLI::App* command) {
    command->add_option("--dir", options.directory, "the authority's directory")->required();
    add_passphrase(*command, options);
  };
  auto* const sign_command = app.add_subcommand("sign", "sign the requests in a directory");
  sign_command->add_option("REQUESTS", options.requests, "directory of request files (*.json)")
      ->required();
  sign_command->add_option("--out", options.out,
                           "where NODE.pem is written; beside the requests otherwise");
  sign_command->add_flag("--new", options.admit_new,
                         "sign for nodes that have no certificate here yet, too");
  sign_command
      ->add_option("--rejoin", options.rejoin,
                   "sign for this node though it lost its keys, or is to have another "
                   "organisation, role or capabilities")
      ->type_name("NODE")
      ->allow_extra_args(false);
  with_directory(sign_command);
  sign_command->footer(
      "Example:\n  liaison-ca sign --dir /secure/authority /media/requests --out "
      "/media/certificates");
  sign_command->callback([&] { status = sign(options); });

  auto* const revoke_command = app.add_subcommand("revoke", "revoke all certificates of a node");
  revoke_command->add_option("NODE", options.node, "the node")->required();
  revoke_command->add_option(
      "--reason", options.reason,
      "unspecified, key_compromise, affiliation_changed, superseded, cessation_of_operation or "
      "privilege_withdrawn");
  revoke_command->add_option("--as-of", options.as_of,
                             "from when it is not to be believed (RFC 3339); now otherwise");
  with_directory(revoke_command);
  revoke_command->footer(
      "Example:\n  liaison-ca revoke --dir /secure/authority jcp-leeds --reason key_compromise "
      "--as-of 2026-05-04T00:00:00Z");
  revoke_command->callback([&] { status = revoke(options); });

  auto* const list_command = app.add_subcommand("list", "list the certificates issued");
  list_command->add_flag("--json", options.json, "an array of objects");
  with_directory(list_command);
  list_command->footer("Example:\n  liaison-ca list --dir /secure/authority --json");
  list_command->callback([&] { status = list(options); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    std::cerr << "liaison-ca: " << in_one_line(cli::usage_error(app, error)) << '\n';
    return 2;
  }
  if (const auto written = cli::finish_output(); status == 0 && !written)
    return refuse(written.error());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    crypto::start();
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "liaison-ca: " << error.what() << '\n';
    return 1;
  }
}
