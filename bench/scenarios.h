#pragma once

#include <filesystem>

#include "bench/report.h"

namespace liaison::bench {

/// How much of each scenario: a look (seconds each) or the figures that documents quote.
enum class Effort { quick, full };

/// Letters a second from sender to taken, durable and logged: sealed beforehand, by size and pairs;
/// then with sealing and opening in the same two cores.
void throughput(Report& report, const std::filesystem::path& parent, Effort effort);
/// From a person's send to stored at the recipient, idle exchange, two real nodes.
void latency(Report& report, const std::filesystem::path& parent, Effort effort);
/// Cost a letter as a backlog grows, then memory and time to ready with all of it waiting.
void backlog(Report& report, const std::filesystem::path& parent, Effort effort);
/// Memory for each connected node, and how long until all are back after a restart.
void connections(Report& report, const std::filesystem::path& parent, Effort effort);
/// What a message log of ten million entries costs: a start, an export, its check without the
/// broker, one letter's proof.
void logs(Report& report, const std::filesystem::path& parent, Effort effort);

}  // namespace liaison::bench
