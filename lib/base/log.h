#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace liaison::log {

/// One named value of a line. Values are ids, counts, names of nodes and reasons: never a client's
/// detail, at any level, and never text that a peer wrote.
using Field = std::pair<std::string_view, std::string>;

enum class Level { debug, info, warning, error };

/// Starts logging to standard error: plain on a terminal, one JSON object a line otherwise.
/// `program` stands in every line. Before it is called, lines are dropped (tests, simulation).
void start(std::string_view program, Level least);

void line(Level level, std::string_view what, std::initializer_list<Field> fields);
inline void debug(std::string_view what, std::initializer_list<Field> fields = {}) {
  line(Level::debug, what, fields);
}
inline void info(std::string_view what, std::initializer_list<Field> fields = {}) {
  line(Level::info, what, fields);
}
inline void warning(std::string_view what, std::initializer_list<Field> fields = {}) {
  line(Level::warning, what, fields);
}
inline void error(std::string_view what, std::initializer_list<Field> fields = {}) {
  line(Level::error, what, fields);
}

}  // namespace liaison::log
