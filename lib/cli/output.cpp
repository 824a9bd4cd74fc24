#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace liaison::cli {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string cell(const json& record, std::string_view key) {
  const json* at = &record;
  while (!key.empty()) {
    const auto dot = std::min(key.find('.'), key.size());
    const auto found = at->is_object() ? at->find(std::string(key.substr(0, dot))) : at->end();
    if (!at->is_object() || found == at->end()) return "";
    at = &*found;
    key.remove_prefix(std::min(dot + 1, key.size()));
  }
  if (at->is_null()) return "";
  if (at->is_string()) return in_one_line(at->get<std::string>());
  if (at->is_boolean()) return at->get<bool>() ? "yes" : "no";
  if (at->is_array()) {
    std::string out;
    for (const auto& one : *at) {
      if (!out.empty()) out += ", ";
      out += one.is_string() ? in_one_line(one.get<std::string>()) : one.dump();
    }
    return out;
  }
  return at->dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Characters, near enough for columns: octets that do not continue a UTF-8 sequence.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool says_nothing(const json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (value.is_structured() && std::all_of(value.begin(), value.end(),
                                               [](const json& one) { return says_nothing(one); }));
}

bool is_plain(const json& value) {
  return !value.is_structured() ||
         (value.is_array() && std::none_of(value.begin(), value.end(),
                                           [](const json& one) { return one.is_structured(); }));
}

std::string heading(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return in_one_line(key);
}

void write_members(std::string& out, const json& record, std::size_t indent);

/// Members that are records, or lists of them, stand indented under their name.
void write_member(std::string& out, const std::string& key, const json& value, std::size_t indent) {
  out += std::string(indent, ' ') + heading(key) + ":";
  if (is_plain(value)) {
    out += " " + cell(json{{"value", value}}, "value") + "\n";
    return;
  }
  out += "\n";
  if (value.is_object()) return write_members(out, value, indent + 2);
  for (const auto& one : value) {
    if (says_nothing(one)) continue;
    const auto at = out.size();
    if (one.is_object()) {
      write_members(out, one, indent + 4);
    } else {
      out += std::string(indent + 4, ' ') + cell(json{{"value", one}}, "value") + "\n";
    }
    out[at + indent + 2] = '-';
  }
}

void write_members(std::string& out, const json& record, std::size_t indent) {
  // What it is stands first; then what is said in a line; then the rest.
  const auto rank = [](const std::string& key, const json& value) {
    if (key == "id") return 0;
    if (key == "name" || key == "given_name" || key == "state" || key == "kind") return 1;
    return is_plain(value) ? 2 : 3;
  };
  for (int now = 0; now <= 3; ++now)
    for (const auto& [key, value] : record.items())
      if (rank(key, value) == now && !says_nothing(value)) write_member(out, key, value, indent);
}

}  // namespace

std::string readable(const json& record) {
  std::string out;
  write_members(out, record, 0);
  return out;
}

void print_list(const json& records, const std::vector<Column>& columns, As as) {
  if (as == As::json) {
    std::cout << dump(records) << "\n";
    return;
  }
  if (records.empty()) return;
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& column : columns)
    rows.front().push_back(column.heading);
  for (const auto& record : records) {
    rows.emplace_back();
    for (const auto& column : columns)
      rows.back().push_back(cell(record, column.key));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    std::cout << line << "\n";
  }
}

void print_record(const json& record, As as) {
  if (as == As::json || !record.is_object()) {
    std::cout << dump(record) << "\n";
    return;
  }
  std::cout << readable(record);
}

void print_made(const json& record, As as) {
  if (as == As::json) {
    std::cout << dump(record) << "\n";
  } else if (isatty(STDOUT_FILENO) != 0) {
    print_record(record, as);
  } else {
    std::cout << cell(record, "id") << "\n";
  }
}

void print_line(std::string_view text) {
  std::cout << text << "\n";
}

Result<void> finish_output() {
  std::cout.flush();
  if (std::cout.good()) return {};
  return fail(Reason::unavailable,
              "standard output cannot be written; what was asked for was done all the same");
}

}  // namespace liaison::cli
