#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "bench/scenarios.h"
#include "crypto/start.h"

int main(int argc, char** argv) {
  using namespace liaison::bench;
  CLI::App app{
      "Measures the exchange on this machine: prints a table, and JSON with --json.\n"
      "Example: liaison-bench --only throughput --quick"};
  std::string json;
  std::string only;
  std::string parent = std::filesystem::temp_directory_path().string();
  bool quick = false;
  app.add_option("--json", json, "Write all figures to this file as well");
  app.add_option("--only", only, "One scenario")
      ->check(CLI::IsMember({"throughput", "latency", "backlog", "connections", "logs"}));
  app.add_option("--parent", parent,
                 "Where the brokers' stores are made: the disk that is measured");
  app.add_flag(
      "--quick", quick,
      "A look rather than figures to quote: a tenth of the letters and nodes, of throughput "
      "a fifth");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  try {
    liaison::crypto::start();
    const Effort effort = quick ? Effort::quick : Effort::full;
    Report report;
    if (only.empty() || only == "throughput") throughput(report, parent, effort);
    if (only.empty() || only == "latency") latency(report, parent, effort);
    if (only.empty() || only == "backlog") backlog(report, parent, effort);
    if (only.empty() || only == "connections") connections(report, parent, effort);
    if (only.empty() || only == "logs") logs(report, parent, effort);
    if (!json.empty()) report.write_json(json);
  } catch (const std::exception& error) {
    fmt::print(stderr, "liaison-bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
