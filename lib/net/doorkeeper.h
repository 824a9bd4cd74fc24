#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/id.h"
#include "net/context.h"

namespace liaison::net {

/// Who may connect: the ZAP handler of a Context, on a thread of its own, answering from memory.
/// Make it before any server socket. libzmq admits everybody where no handler answers, so servers
/// demand one (ZAP_ENFORCE_DOMAIN), and the process ends if this one ends by itself. All members
/// are safe from any thread.
///
/// It answers 200 with the CURVE key as User-Id, or 400; never 300, which leaves a client stuck.
class Doorkeeper {
 public:
  /// `on_failure` is called, once, if the handler ends by itself; the default prints one line and
  /// ends the process with status 1. It is for tests.
  explicit Doorkeeper(Context& context, std::function<void()> on_failure = {});
  ~Doorkeeper();
  Doorkeeper(const Doorkeeper&) = delete;
  Doorkeeper& operator=(const Doorkeeper&) = delete;

  /// From now on exactly `keys` may connect in `domain`; a domain never named admits nobody.
  /// Those connected already stay: drop them at their server.
  void admit_only(const std::string& domain, std::unordered_set<CurveKey> keys);
  void admit(const std::string& domain, const CurveKey& key);
  /// A key taken out is refused at its next handshake.
  void refuse(const std::string& domain, const CurveKey& key);
  /// Any key that completes the CURVE handshake may connect in `domain` (the joining socket). All
  /// of them together are paced: who is refused for it may well be admitted a little later.
  void admit_all(const std::string& domain);

  struct Counts {
    std::uint64_t admitted;
    std::uint64_t refused;  ///< unknown or revoked keys
    std::uint64_t hurried;  ///< refused: the key, or all in an open domain, came too often of late
    std::uint64_t malformed;  ///< requests that were not ZAP 1.0 with CURVE
  };
  [[nodiscard]] Counts counts() const;

  /// Who was refused since the last call, for a log. A stranger has as many keys as it likes: what
  /// goes beyond refusals_told_max of them is in one member without a key for each reason, and so
  /// are all that hurried in an open domain.
  struct Refusal {
    std::string domain;
    std::optional<CurveKey> key;
    enum class Why { unknown, hurried, malformed } why{};
    std::uint64_t count = 1;
    friend bool operator==(const Refusal&, const Refusal&) = default;
  };
  static constexpr std::size_t refusals_told_max = 64;
  std::vector<Refusal> take_refusals();

  /// Makes the handler end as if it had failed. For tests.
  void fail_for_test();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liaison::net
