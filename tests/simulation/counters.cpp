#include "counters.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace liaison::simulation {

void Counters::strike(const std::string& fault, const LetterWatch::Counts& letters) {
  auto& row = faults[fault];
  ++row.struck;
  for (std::size_t state = 0; state < letter_states; ++state)
    row.in_state[state] += letters[state] > 0 ? 1 : 0;
}

void Counters::add(const Counters& other) {
  for (const auto& [name, row] : other.faults) {
    auto& mine = faults[name];
    mine.struck += row.struck;
    for (std::size_t state = 0; state < letter_states; ++state)
      mine.in_state[state] += row.in_state[state];
  }
  for (const auto& [name, count] : other.totals)
    totals[name] += count;
}

std::string Counters::table() const {
  std::string out = fmt::format("{:<34}{:>9}", "fault", "struck");
  for (std::size_t state = 0; state < letter_states; ++state)
    out += fmt::format("{:>14}", name_of(static_cast<LetterState>(state)));
  for (const auto& [name, row] : faults) {
    out += fmt::format("\n{:<34}{:>9}", name, row.struck);
    for (const auto count : row.in_state)
      out += fmt::format("{:>14}", count);
  }
  return out + "\n";
}

std::string Counters::json() const {
  nlohmann::ordered_json out;
  for (const auto& [name, row] : faults) {
    auto& fault = out["faults"][name];
    fault["struck"] = row.struck;
    for (std::size_t state = 0; state < letter_states; ++state)
      fault[name_of(static_cast<LetterState>(state))] = row.in_state[state];
  }
  out["totals"] = totals;
  return out.dump(2);
}

Counters Counters::from_json(const std::string& text) {
  const auto in = nlohmann::json::parse(text);
  Counters out;
  if (in.contains("faults")) {
    for (const auto& [name, fault] : in["faults"].items()) {
      auto& row = out.faults[name];
      row.struck = fault["struck"].get<std::uint64_t>();
      for (std::size_t state = 0; state < letter_states; ++state)
        row.in_state[state] = fault[name_of(static_cast<LetterState>(state))].get<std::uint64_t>();
    }
  }
  if (in.contains("totals") && in["totals"].is_object())
    out.totals = in["totals"].get<decltype(out.totals)>();
  return out;
}

}  // namespace liaison::simulation
