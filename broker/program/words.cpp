#include "broker/program/words.h"

#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "broker/program/commands.h"
#include "broker/program/files.h"

namespace liaison::broker {

using Json = nlohmann::json;

std::shared_ptr<Common> common(CLI::App& command, const std::string& example) {
  auto out = std::make_shared<Common>();
  command.add_option("--dir", out->directory, "The broker's directory")->required();
  command.add_flag("--json", out->json, "Print JSON");
  command.footer("Example:\n  " + example);
  return out;
}

std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_array()) {
    std::string out;
    for (const auto& each : value)
      out += (out.empty() ? "" : " ") + shown(each);
    return out.empty() ? "-" : out;
  }
  return value.dump();
}

void print_table(const Json& rows, const std::vector<std::string>& members) {
  std::vector<std::size_t> widths;
  for (const auto& member : members) {
    auto width = member.size();
    for (const auto& row : rows)
      width = std::max(width, shown(row.value(member, Json())).size());
    widths.push_back(width);
  }
  const auto line = [&](auto cell) {
    std::string out;
    for (std::size_t at = 0; at < members.size(); ++at)
      out += fmt::format("{:<{}}  ", cell(members[at]), widths[at]);
    while (!out.empty() && out.back() == ' ')
      out.pop_back();
    std::cout << out << '\n';
  };
  line([](const std::string& member) { return member; });
  for (const auto& row : rows)
    line([&](const std::string& member) { return shown(row.value(member, Json())); });
}

void print_members(const Json& value) {
  for (const auto& [key, each] : value.items())
    std::cout << key << ": " << shown(each) << '\n';
}

void print_object(const Common& with, const Json& value) {
  if (with.json)
    std::cout << value.dump(2) << '\n';
  else
    print_members(value);
}

std::string content_of(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  auto content = read_file(file);
  if (!content) throw Refusal(content.error().text);
  return *content;
}

void add_listing(CLI::App& app, const char* name, const char* request, const char* meaning,
                 const std::vector<std::string>& members) {
  auto& command = *app.add_subcommand(name, meaning);
  const auto group = app.get_parent() == nullptr ? "" : app.get_name() + " ";
  auto with = common(command, fmt::format("liaison-broker {}{} --dir DIR --json", group, name));
  command.callback([with, request, members] {
    const auto answer = ask_broker(with->directory, {{"command", request}});
    if (with->json)
      std::cout << answer.dump(2) << '\n';
    else
      print_table(answer, members);
  });
}

}  // namespace liaison::broker
