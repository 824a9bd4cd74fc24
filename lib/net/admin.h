#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/descriptor.h"
#include "net/poller.h"

namespace liaison::net {

/// One question of an administrator's command to the running daemon: a line (JSON by agreement of
/// the two; not looked at here) without its newline.
struct AdminCall {
  std::uint64_t id;  ///< for answer()
  std::string line;
};

/// The daemon's end of DIR/admin.sock: a Unix socket, mode 0600, that serves only processes of its
/// own user or root (asked of the kernel). Never blocks: a slow or silent command holds up nobody.
class AdminServer final : public Pollable {
 public:
  static constexpr std::size_t line_bytes_max = 1u << 20;
  static constexpr std::size_t connections_max = 32;

  /// The directory must be locked by this process: a socket that an earlier one left is replaced.
  /// Throws std::runtime_error with one line.
  explicit AdminServer(const std::string& directory);
  ~AdminServer() override;  ///< takes the socket out of the directory
  void add_to(PollSet& set) const override;

  /// Takes in what has arrived and sends what is waiting; the complete questions. One at a time
  /// for each connection: the next comes after its answer.
  std::vector<AdminCall> receive();
  /// Answers a question once, with one line (no newline in it). Nothing happens if the asker has
  /// gone.
  void answer(std::uint64_t id, std::string_view line);

 private:
  struct Connection {
    Descriptor socket;
    std::string in;       ///< read and not yet a whole line
    std::string out;      ///< answer not yet written
    bool awaits = false;  ///< a question of it is being answered
  };
  void accept_all();
  /// False: the connection is to end.
  bool read_from(Connection& connection);
  bool write_to(Connection& connection);

  Descriptor directory_;
  Descriptor listener_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t next_id_ = 1;
};

/// The command's end: asks one line, waits for one line. Unavailable: no daemon serves there.
/// Busy: no answer within `longest`. Forbidden: not the daemon's user.
Result<std::string> admin_call(const std::string& directory, std::string_view line,
                               Duration longest);

}  // namespace liaison::net
