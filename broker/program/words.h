#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// What the commands' words and listings have in common.
namespace liaison::broker {

/// What every command that looks at a broker takes.
struct Common {
  std::string directory;
  bool json = false;
};
std::shared_ptr<Common> common(CLI::App& command, const std::string& example);

/// A member of a listing as people see it.
std::string shown(const nlohmann::json& value);
/// Objects as aligned columns of the named members.
void print_table(const nlohmann::json& rows, const std::vector<std::string>& members);
void print_members(const nlohmann::json& value);
/// JSON with --json, else one `member: value` a line.
void print_object(const Common& with, const nlohmann::json& value);

/// A file, or standard input for "-". Throws Refusal.
std::string content_of(const std::string& file);

/// A command that asks one thing and prints a list.
void add_listing(CLI::App& app, const char* name, const char* request, const char* meaning,
                 const std::vector<std::string>& members);

}  // namespace liaison::broker
