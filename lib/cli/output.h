#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace liaison::cli {

enum class As { text, json };

struct Column {
  std::string heading;  ///< "STATE"
  std::string key;      ///< of the record; "case_manager.name" goes into objects
};

/// A listing: with --json the array as it is, otherwise a table (nothing at all for none).
void print_list(const nlohmann::json& records, const std::vector<Column>& columns, As as);
/// A record for people: a line for each member that says something, its name first; what it holds
/// of further records stands indented below. Made safe for a terminal.
std::string readable(const nlohmann::json& record);
/// One record: with --json as it is, otherwise readable().
void print_record(const nlohmann::json& record, As as);
/// What was created or changed: the whole record with --json and on a terminal, else its "id"
/// alone.
void print_made(const nlohmann::json& record, As as);
void print_line(std::string_view text);
/// A command's last: brings what it printed to standard output. Unavailable if it, or something
/// before it, could not be written.
Result<void> finish_output();

}  // namespace liaison::cli
