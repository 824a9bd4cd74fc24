#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/time.h"
#include "broker/core/denial.h"

namespace liaison::broker {

/// Short name, as in log lines and metrics.
const char* name_of(Denial::What what);

/// The operator's log of what was refused: one line each, with what, who and why. However much a
/// peer sends, the log stays small: of one kind, node and reason the first few a minute are told
/// one by one, the rest in one closing line with their count; and over everybody there is a bound
/// on lines a minute, beyond which all are told in one line. The metrics count every one.
class DenialLog {
 public:
  static constexpr std::uint64_t told_singly = 5;  ///< a minute, of one kind, node and reason
  static constexpr std::size_t lines_max = 300;    ///< a minute, of everybody
  static constexpr Duration window = std::chrono::minutes(1);

  struct Line {
    Denial::What what{};
    std::string node;      ///< empty: none that the registry knows
    std::string_view why;  ///< empty: of many kinds
    std::string key;       ///< of a connection that is nobody's
    std::uint64_t count = 1;
    enum class Kind {
      single,
      closing,  ///< `count` more of this kind in the minute
      others    ///< `count` of everything in the minute, beyond the bound
    } kind = Kind::single;
    friend bool operator==(const Line&, const Line&) = default;
  };
  using Write = std::function<void(const Line&)>;

  /// `write` is told each line; by default the process's log.
  explicit DenialLog(Write write = write_to_log);

  /// `why` is a constant that outlives this. `key`: said beside, but not what lines are counted by,
  /// because whoever is nobody has as many as it likes.
  void denied(Denial::What what, const std::string& node, std::string_view why, Duration steady,
              const std::string& key = {}, std::uint64_t count = 1);
  /// Says the closing lines that are due. To be called each turn; cheap.
  void close_due(Duration steady);

  /// Every refusal since the start, by kind and reason.
  using Totals = std::map<std::pair<Denial::What, std::string_view>, std::uint64_t>;
  [[nodiscard]] const Totals& totals() const { return totals_; }

  static void write_to_log(const Line& line);

 private:
  struct Window {
    Duration from{};
    std::uint64_t told = 0;
    std::uint64_t more = 0;
  };
  using Key = std::tuple<Denial::What, std::string, std::string_view>;

  Write write_;
  std::map<Key, Window> windows_;
  Totals totals_;
  Duration minute_from_{};
  std::size_t lines_ = 0;
  std::uint64_t others_ = 0;
  Duration next_close_{};
};

}  // namespace liaison::broker
