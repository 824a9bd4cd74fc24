#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>

#include "broker/program/commands.h"
#include "broker/program/words.h"

/// What is carried: policy, quotas, what waits.
namespace liaison::broker {

using Json = nlohmann::json;

void add_policy(CLI::App& app) {
  auto& policy = *app.add_subcommand("policy", "Who may write to whom");
  policy.require_subcommand(1);
  policy.footer("Example:\n  liaison-broker policy show --dir DIR");
  auto& show = *policy.add_subcommand("show", "Print the policy, as JSON");
  auto with = common(show, "liaison-broker policy show --dir DIR");
  show.callback([with] {
    std::cout << ask_broker(with->directory, {{"command", "policy-show"}}).dump(2) << '\n';
  });
  auto& set = *policy.add_subcommand("set", "Replace the policy");
  auto file = std::make_shared<std::string>();
  auto where = common(
      set,
      "echo '{\"otherwise\": \"allow\", \"rules\": [{\"from\": \"role:provider\", \"to\": "
      "\"role:provider\", \"verdict\": \"deny\"}]}' | liaison-broker policy set - --dir DIR");
  set.add_option("FILE", *file, "JSON as `policy show` prints it; - is standard input")->required();
  set.callback([where, file] {
    const auto rules = Json::parse(content_of(*file), nullptr, false);
    if (rules.is_discarded()) throw Refusal(*file + " is no JSON");
    std::cout
        << ask_broker(where->directory, {{"command", "policy-set"}, {"policy", rules}}).dump(2)
        << '\n';
  });
}

void add_quota(CLI::App& app) {
  auto& quota = *app.add_subcommand("quota", "How much may wait");
  quota.require_subcommand(1);
  quota.footer("Example:\n  liaison-broker quota show --dir DIR");
  auto& show = *quota.add_subcommand("show", "Print a node's quota, or the one of all others");
  auto node = std::make_shared<std::string>();
  auto with = common(show, "liaison-broker quota show --dir DIR --node able-futures");
  show.add_option("--node", *node, "Of one node");
  show.callback([with, node] {
    Json request{{"command", "quota-show"}};
    if (!node->empty()) request["node"] = *node;
    print_object(*with, ask_broker(with->directory, request));
  });
  auto& set = *quota.add_subcommand("set", "Change it");
  struct Words {
    std::string node;
    std::map<std::string, std::optional<std::uint64_t>> values;
    bool standard = false;
  };
  auto words = std::make_shared<Words>();
  auto where =
      common(set, "liaison-broker quota set --dir DIR --node able-futures --mailbox-letters 20000");
  set.add_option("--node", words->node,
                 "Of one node; without it, of all that have none of their own");
  const std::map<std::string, const char*> members{
      {"mailbox_letters", "Letters that may wait for it"},
      {"mailbox_bytes", "And their sealed octets in all"},
      {"sender_letters", "Letters of its own that may wait, in all mailboxes"},
      {"sender_bytes", "And their sealed octets in all"}};
  for (const auto& [member, meaning] : members) {
    std::string option = "--" + member;
    std::replace(option.begin(), option.end(), '_', '-');
    set.add_option(option, words->values[member], meaning);
  }
  set.add_flag("--default", words->standard,
               "Take the node's own quota away; without --node, what was set for all");
  set.callback([where, words] {
    Json request{{"command", "quota-set"}};
    if (!words->node.empty()) request["node"] = words->node;
    if (!words->standard) {
      request["quota"] = Json::object();
      for (const auto& [member, value] : words->values)
        if (value) request["quota"][member] = *value;
      if (request["quota"].empty()) throw WrongUsage("say what to set, or --default");
    }
    print_object(*where, ask_broker(where->directory, request));
  });
}

void add_mailboxes(CLI::App& app) {
  auto& command = *app.add_subcommand(
      "mailboxes",
      "What waits, as the broker sees it: metadata and the first octets of ciphertext");
  struct Words {
    std::string node;
    std::uint64_t items = 20;
  };
  auto words = std::make_shared<Words>();
  auto with = common(command, "liaison-broker mailboxes --dir DIR --node able-futures");
  command.add_option("--node", words->node, "Of one node");
  command.add_option("--items", words->items, "Letters to show at most (20)");
  command.callback([words, with] {
    Json request{{"command", "mailboxes"}, {"items_max", words->items}};
    if (!words->node.empty()) request["node"] = words->node;
    const auto answer = ask_broker(with->directory, request);
    if (with->json) {
      std::cout << answer.dump(2) << '\n';
      return;
    }
    print_table(answer, {"node", "letters", "bytes", "reports"});
    for (const auto& mailbox : answer)
      for (const auto& item : mailbox.at("items"))
        std::cout << fmt::format(
            "{}: {} {} from {}, {} octets, {}...\n", shown(mailbox.at("node")),
            shown(item.at("kind")), shown(item.at("letter")), shown(item.value("sender", Json())),
            shown(item.value("size_bytes", Json())), shown(item.value("first_octets", Json())));
  });
}

void add_status(CLI::App& app) {
  auto& command = *app.add_subcommand("status", "How the broker stands");
  auto with = common(command, "liaison-broker status --dir DIR");
  command.callback([with] {
    const auto answer = ask_broker(with->directory, {{"command", "status"}});
    if (with->json)
      std::cout << answer.dump(2) << '\n';
    else
      print_members(answer);
  });
}

}  // namespace liaison::broker
