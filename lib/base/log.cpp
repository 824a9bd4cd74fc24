#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/time.h"

namespace liaison::log {
namespace {

bool json_lines = false;
std::string program_name;
std::shared_ptr<spdlog::logger> logger;

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void start(std::string_view program, Level least) {
  json_lines = isatty(STDERR_FILENO) == 0;
  program_name = program;
  logger = std::make_shared<spdlog::logger>(
      "liaison", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern(json_lines ? "%v" : "%H:%M:%S %^%l%$ %v");
  logger->set_level(spdlog_level(least));
  logger->flush_on(spdlog::level::debug);
}

void line(Level level, std::string_view what, std::initializer_list<Field> fields) {
  if (!logger || !logger->should_log(spdlog_level(level))) return;
  std::string text;
  if (json_lines) {
    nlohmann::ordered_json object;
    object["time"] = to_rfc3339(system_now().wall);
    object["level"] = spdlog::level::to_string_view(spdlog_level(level)).data();
    object["program"] = program_name;
    object["what"] = what;
    for (const auto& [name, value] : fields)
      object[std::string(name)] = value;
    text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else {
    text = what;
    for (const auto& [name, value] : fields)
      text.append(" ").append(name).append("=").append(value);
  }
  logger->log(spdlog_level(level), "{}", text);
}

}  // namespace liaison::log
