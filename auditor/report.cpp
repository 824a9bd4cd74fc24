#include "auditor/report.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace liaison::auditor {
namespace {

using Json = nlohmann::json;

Json kinds_json(const Tally::Kinds& kinds) {
  Json out = Json::object();
  for (const auto& [kind, count] : kinds)
    out[wire::name_of(kind)] = count;
  return out;
}

Json durations_json(const Durations& durations) {
  if (durations.count() == 0) return {{"letters", 0}};
  return {{"letters", durations.count()},
          {"p50_ms", durations.percentile(50).count()},
          {"p95_ms", durations.percentile(95).count()}};
}

std::uint64_t count_of(const Json& kinds, const char* kind) {
  return kinds.value(kind, std::uint64_t{0});
}

/// "1.2 s", "3 min", "2 days": as exact as one reads it.
std::string duration_text(std::int64_t ms) {
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 120'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  if (ms < 7'200'000) return fmt::format("{} min", ms / 60'000);
  if (ms < 172'800'000) return fmt::format("{} h", ms / 3'600'000);
  return fmt::format("{} days", ms / 86'400'000);
}

std::string taken_text(const Json& durations) {
  return durations.contains("p50_ms")
             ? fmt::format("p50 {}, p95 {}", duration_text(durations["p50_ms"]),
                           duration_text(durations["p95_ms"]))
             : "none";
}

/// A table's heading and rows; the same on a terminal and on a page.
struct Table {
  std::string title;
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;
};

std::string shown(const Json& value) {
  return value.is_string() ? shown_safely(value.get<std::string>()) : value.dump();
}

std::vector<Table> tables_of(const Json& report) {
  std::vector<Table> out;
  Table pairs{"Who wrote to whom",
              {"sender", "recipient", "accepted", "taken", "other ends", "waiting", "taken after"},
              {}};
  for (const auto& pair : report["pairs"]) {
    const auto& kinds = pair["kinds"];
    const auto other =
        count_of(kinds, "set_aside") + count_of(kinds, "expired") + count_of(kinds, "returned");
    pairs.rows.push_back(
        {shown(pair["sender"]), shown(pair["recipient"]),
         std::to_string(count_of(kinds, "accepted")), std::to_string(count_of(kinds, "taken")),
         std::to_string(other),
         pair.contains("waits_since")
             ? fmt::format("{} since {}", pair["waiting"].dump(), shown(pair["waits_since"]))
             : "0",
         taken_text(pair["taken_after"])});
  }
  out.push_back(std::move(pairs));
  Table refused{"Refused, and why", {"sender", "reason", "times"}, {}};
  for (const auto& each : report["refused"])
    refused.rows.push_back({shown(each["sender"]), shown(each["reason"]), each["times"].dump()});
  out.push_back(std::move(refused));
  Table members{"Members",
                {"node", "role", "organisation", "joined", "certificates", "last sent or took"},
                {}};
  for (const auto& each : report["members"])
    members.rows.push_back(
        {shown(each["node"]), shown(each["role"]), shown(each["organisation"]),
         shown(each["joined"]),
         fmt::format("{}{}", each["certificates"].dump(),
                     each["rejoined"] == 0
                         ? ""
                         : fmt::format(", {} without its former key", each["rejoined"].dump())),
         each["heard"].is_null() ? "never" : shown(each["heard"])});
  out.push_back(std::move(members));
  Table key_alarms{"Certificates that their owners say are not theirs",
                   {"node", "certificate", "issued", "contested"},
                   {}};
  for (const auto& each : report["key_alarms"])
    key_alarms.rows.push_back({shown(each["node"]), shown(each["certificate"]),
                               each["issued"].is_null() ? "not here" : shown(each["issued"]),
                               shown(each["at"])});
  out.push_back(std::move(key_alarms));
  Table taken_back{
      "Revocations that a later list takes back", {"node", "certificate", "serial", "list of"}, {}};
  for (const auto& each : report["revocations_taken_back"])
    taken_back.rows.push_back({each["node"].is_null() ? "not here" : shown(each["node"]),
                               each["certificate"].is_null() ? "-" : shown(each["certificate"]),
                               shown(each["serial"]), shown(each["at"])});
  if (!taken_back.rows.empty()) out.push_back(std::move(taken_back));
  Table acts{"What administrators did", {"at", "who", "act", "object", "detail"}, {}};
  for (const auto& each : report["acts"])
    acts.rows.push_back({shown(each["at"]), shown(each["administrator"]), shown(each["act"]),
                         shown(each["object"]), shown(each["detail"])});
  out.push_back(std::move(acts));
  Table unreadable{"Entries of the registry that nobody can read", {"at", "kind"}, {}};
  for (const auto& each : report["unreadable"])
    unreadable.rows.push_back({shown(each["at"]), shown(each["kind"])});
  if (!unreadable.rows.empty()) out.push_back(std::move(unreadable));
  return out;
}

std::string lines_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const auto& heading : table.heading)
    widths.push_back(heading.size());
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      text += fmt::format(" {:<{}}", row[i], i + 1 == row.size() ? 0 : widths[i] + 1);
    return text + '\n';
  };
  auto out = '\n' + table.title + '\n';
  if (table.rows.empty()) return out + "  none\n";
  out += line(table.heading);
  for (const auto& row : table.rows)
    out += line(row);
  return out;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string html_of_table(const Table& table) {
  auto out = fmt::format("<h2>{}</h2>\n", escaped(table.title));
  if (table.rows.empty()) return out + "<p>None.</p>\n";
  out += "<table><thead><tr>";
  for (const auto& heading : table.heading)
    out += fmt::format("<th scope=\"col\">{}</th>", escaped(heading));
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (const auto& cell : row)
      out += fmt::format("<td>{}</td>", escaped(cell));
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

/// A bar a day, as high as its letters: what was taken, and above it what was accepted beyond that.
std::string html_of_days(const Json& days) {
  constexpr double height = 160;
  constexpr int step = 14;
  std::uint64_t most = 1;
  for (const auto& day : days)
    most = std::max(most, count_of(day["kinds"], "accepted"));
  const auto width = std::max(static_cast<int>(days.size()) * step + 60, 260);  // for the dates
  auto out = fmt::format(
      "<h2>Letters a day</h2>\n<figure><svg role=\"img\" aria-label=\"Letters accepted a day, most "
      "{0}\" width=\"{1}\" height=\"200\" viewBox=\"0 0 {1} 200\">\n"
      "<text x=\"50\" y=\"20\" text-anchor=\"end\">{0}</text><line x1=\"55\" y1=\"176\" x2=\"{1}\" "
      "y2=\"176\" stroke=\"#505a5f\"/>\n",
      most, width);
  int x = 58;
  for (const auto& day : days) {
    const auto accepted = count_of(day["kinds"], "accepted");
    const auto taken = std::min(accepted, count_of(day["kinds"], "taken"));
    const auto high = [&](std::uint64_t count) {
      return height * static_cast<double>(count) / static_cast<double>(most);
    };
    out += fmt::format(
        "<g><title>{0}: {1} accepted, {2} taken</title><rect x=\"{3}\" y=\"{4:.1f}\" width=\"10\" "
        "height=\"{5:.1f}\" fill=\"#f3c13a\"/><rect x=\"{3}\" y=\"{6:.1f}\" width=\"10\" "
        "height=\"{7:.1f}\" fill=\"#1d70b8\"/></g>\n",
        escaped(day["day"].get<std::string>()), accepted, taken, x, 176 - high(accepted),
        high(accepted), 176 - high(taken), high(taken));
    x += step;
  }
  const auto name = [&](std::size_t at) { return escaped(days[at]["day"].get<std::string>()); };
  if (!days.empty())
    out += fmt::format("<text x=\"58\" y=\"194\">{}{}</text>\n", name(0),
                       days.size() > 1 ? " to " + name(days.size() - 1) : "");
  return out +
         "</svg><figcaption>Blue: taken that day. Yellow: accepted beyond that.</figcaption>"
         "</figure>\n";
}

std::string summary_of(const Json& report) {
  std::string out;
  for (const auto& log : report["logs"])
    out += fmt::format("{} log {}: {} entries, verified\n", shown(log["log"]), shown(log["origin"]),
                       log["entries"].dump());
  out += fmt::format("letters taken after: {}\n", taken_text(report["taken_after"]));
  out += fmt::format("listings {}, lists of revocations {}\n", report["listings"].dump(),
                     report["revocation_lists"].dump());
  if (report["keys_of_the_export"] == true)
    out += "verified by the keys that lie in the export: compare them with those from elsewhere\n";
  return out;
}

}  // namespace

Json report_of(const Tally& tally, const VerifiedExport& verified) {
  Json out{{"logs", Json::array()},
           {"pairs", Json::array()},
           {"days", Json::array()},
           {"refused", Json::array()},
           {"members", Json::array()},
           {"key_alarms", Json::array()},
           {"revocations_taken_back", Json::array()},
           {"acts", Json::array()},
           {"unreadable", Json::array()},
           {"listings", tally.listings},
           {"revocation_lists", tally.revocation_lists},
           {"taken_after", durations_json(tally.taken_after)},
           {"keys_of_the_export", verified.by_own_keys}};
  for (const auto& log : verified.logs)
    out["logs"].push_back({{"log", log.name},
                           {"origin", log.checked.checkpoint.origin},
                           {"entries", log.checked.checkpoint.size}});
  for (const auto& [between, pair] : tally.pairs) {
    Json each{{"sender", between.first.text()},
              {"recipient", between.second.text()},
              {"kinds", kinds_json(pair.kinds)},
              {"waiting", pair.waiting},
              {"taken_after", durations_json(pair.taken_after)}};
    if (pair.waiting > 0) each["waits_since"] = to_rfc3339(pair.waits_since);
    out["pairs"].push_back(std::move(each));
  }
  for (const auto& [day, kinds] : tally.days)
    out["days"].push_back({{"day", day}, {"kinds", kinds_json(kinds)}});
  for (const auto& [what, times] : tally.refused)
    out["refused"].push_back(
        {{"sender", what.first.text()}, {"reason", wire::name_of(what.second)}, {"times", times}});
  for (const auto& [node, member] : tally.members)
    out["members"].push_back({{"node", node.text()},
                              {"role", name_of(member.role)},
                              {"organisation", member.organisation},
                              {"joined", to_rfc3339(member.joined)},
                              {"certificates", member.certificates},
                              {"rejoined", member.rejoined},
                              {"heard", member.heard ? Json(to_rfc3339(*member.heard)) : Json()}});
  for (const auto& alarm : tally.key_alarms)
    out["key_alarms"].push_back(
        {{"at", to_rfc3339(alarm.at)},
         {"node", alarm.node.text()},
         {"certificate", alarm.certificate.text()},
         {"issued", alarm.issued ? Json(to_rfc3339(*alarm.issued)) : Json()}});
  for (const auto& each : tally.taken_back)
    out["revocations_taken_back"].push_back(
        {{"at", to_rfc3339(each.at)},
         {"serial", each.serial},
         {"node", each.node ? Json(each.node->text()) : Json()},
         {"certificate", each.certificate ? Json(each.certificate->text()) : Json()}});
  for (const auto& act : tally.acts)
    out["acts"].push_back({{"at", to_rfc3339(act.at)},
                           {"administrator", act.administrator},
                           {"act", act.act},
                           {"object", act.object},
                           {"detail", act.detail}});
  for (const auto& [at, kind] : tally.unreadable)
    out["unreadable"].push_back({{"at", to_rfc3339(at)}, {"kind", kind}});
  return out;
}

std::string text_of(const Json& report) {
  auto out = summary_of(report);
  for (const auto& table : tables_of(report))
    out += lines_of(table);
  return out;
}

std::string html_of(const Json& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<title>An exchange's logs</title>\n<style>body{font-family:sans-serif;max-width:70em;"
      "margin:2em auto;padding:0 1em;color:#0b0c0c}table{border-collapse:collapse}th,td{text-align:"
      "left;padding:.3em 1em .3em 0;border-bottom:1px solid #b1b4b6;vertical-align:top}"
      "figure{margin:0;overflow-x:auto}svg text{font-size:12px}</style></head><body>\n"
      "<h1>What an exchange's logs say</h1>\n<pre>" +
      escaped(summary_of(report)) + "</pre>\n";
  out += html_of_days(report["days"]);
  for (const auto& table : tables_of(report))
    out += html_of_table(table);
  return out + "</body></html>\n";
}

}  // namespace liaison::auditor
