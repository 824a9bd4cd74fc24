#include "wire/log_entry.h"

#include <log.capnp.h>

#include "wire/capnp_io.h"

namespace liaison::wire {

const char* name_of(LogKind kind) {
  switch (kind) {
    case LogKind::accepted:
      return "accepted";
    case LogKind::taken:
      return "taken";
    case LogKind::set_aside:
      return "set_aside";
    case LogKind::expired:
      return "expired";
    case LogKind::returned:
      return "returned";
    case LogKind::refused:
      return "refused";
    case LogKind::refused_many:
      return "refused_many";
  }
  return "unknown";
}

std::optional<LogKind> log_kind_of(std::string_view name) {
  for (auto kind = LogKind::accepted; kind <= LogKind::refused_many;
       kind = static_cast<LogKind>(static_cast<std::uint16_t>(kind) + 1))
    if (name_of(kind) == name) return kind;
  return std::nullopt;
}

Bytes encode(const LogEntry& entry) {
  return io::encode<schema::LogEntry>([&](schema::LogEntry::Builder out) {
    out.setVersion(1);
    out.setKind(static_cast<schema::LogKind>(entry.kind));
    out.setAt(to_ms(entry.at));
    if (!entry.letter.is_zero()) out.setLetter(io::to_kj(entry.letter.view()));
    out.setSender(io::to_text(entry.sender.text()));
    if (!entry.recipient.empty()) out.setRecipient(io::to_text(entry.recipient.text()));
    out.setSize(entry.size_bytes);
    if (!entry.digest.is_zero()) out.setDigest(io::to_kj(entry.digest.view()));
    if (!entry.commitment.is_zero()) out.setCommitment(io::to_kj(entry.commitment.view()));
    out.setReason(static_cast<std::uint16_t>(entry.reason));
    out.setCount(entry.count);
  });
}

Result<LogEntry> decode_log_entry(ByteView bytes) {
  return io::decode<schema::LogEntry>(bytes, "log entry", [](schema::LogEntry::Reader from) {
    io::require(from.getVersion() == 1, "version", Reason::unsupported);
    LogEntry entry;
    auto kind = from.getKind();
    io::require(kind <= schema::LogKind::REFUSED_MANY, "kind", Reason::unsupported);
    entry.kind = static_cast<LogKind>(kind);
    entry.at = io::read_time(from.getAt(), "time");
    entry.letter = io::read_id_or_zero<LetterId>(from.getLetter(), "letter");
    entry.sender = io::read_node(from.getSender(), "sender");
    auto recipient = from.getRecipient();
    if (recipient.size() > 0) entry.recipient = io::read_node(recipient, "recipient");
    entry.size_bytes = from.getSize();
    entry.digest = io::read_id_or_zero<Digest>(from.getDigest(), "digest");
    entry.commitment = io::read_id_or_zero<Commitment>(from.getCommitment(), "commitment");
    auto reason = from.getReason();
    io::require(reason <= static_cast<std::uint16_t>(RefusalReason::no_such_key), "reason");
    entry.reason = static_cast<RefusalReason>(reason);
    entry.count = from.getCount();
    return entry;
  });
}

}  // namespace liaison::wire
