#include "wire/letter.h"

#include <letter.capnp.h>

#include "base/check.h"
#include "wire/capnp_io.h"

namespace liaison::wire {
namespace {

void fill_ids(capnp::List<capnp::Data>::Builder out, const std::vector<EventId>& ids) {
  for (unsigned i = 0; i < ids.size(); ++i)
    out.set(i, io::to_kj(ids[i].view()));
}

void fill_ask(schema::Ask::Builder out, const Ask& ask) {
  if (const auto* gap = std::get_if<Gap>(&ask.wanted)) {
    auto to = out.initGap();
    to.setCase(io::to_kj(gap->case_id.view()));
    to.setStrandKind(static_cast<std::uint16_t>(gap->strand.kind));
    to.setStrand(io::to_kj(gap->strand.id.view()));
    to.setFirst(gap->first);
    to.setLast(gap->last);
  } else if (const auto* whole = std::get_if<WholeCase>(&ask.wanted)) {
    out.setWhole(io::to_kj(whole->case_id.view()));
  } else if (const auto* everything = std::get_if<Everything>(&ask.wanted)) {
    out.setEverything(to_ms(everything->since));
  } else {
    const auto& part = std::get<PartWanted>(ask.wanted);
    auto to = out.initPart();
    to.setCase(io::to_kj(part.case_id.view()));
    to.setAttachment(io::to_kj(part.attachment.view()));
  }
  LIAISON_CHECK(ask.have.size() <= have_max);
  fill_ids(out.initHave(static_cast<unsigned>(ask.have.size())), ask.have);
}

Ask read_ask(schema::Ask::Reader from) {
  Ask ask;
  switch (from.which()) {
    case schema::Ask::GAP: {
      auto gap = from.getGap();
      StrandRef strand{static_cast<StrandKind>(gap.getStrandKind()),
                       io::read_id<StrandId>(gap.getStrand(), "strand")};
      ask.wanted =
          Gap{io::read_id<CaseId>(gap.getCase(), "case"), strand, gap.getFirst(), gap.getLast()};
      break;
    }
    case schema::Ask::WHOLE:
      ask.wanted = WholeCase{io::read_id<CaseId>(from.getWhole(), "case")};
      break;
    case schema::Ask::EVERYTHING:
      ask.wanted = Everything{io::read_time(from.getEverything(), "time")};
      break;
    case schema::Ask::PART: {
      auto part = from.getPart();
      ask.wanted = PartWanted{io::read_id<CaseId>(part.getCase(), "case"),
                              io::read_id<Digest>(part.getAttachment(), "attachment")};
      break;
    }
    default:
      throw io::Malformed{Reason::unsupported, "an ask of a later version"};
  }
  auto have = io::read_list(from.getHave(), have_max, "more ids than an ask may list");
  ask.have.reserve(have.size());
  for (auto id : have)
    ask.have.push_back(io::read_id<EventId>(id, "event id"));
  return ask;
}

Part read_part(schema::Part::Reader from) {
  Part part{io::read_id<CaseId>(from.getCase(), "case"),
            io::read_id<Digest>(from.getAttachment(), "attachment"), from.getIndex(),
            from.getCount(), io::read_bytes(from.getBytes(), part_bytes_max, "part")};
  io::require(part.count > 0 && part.count <= parts_max && part.index < part.count,
              "a part's number");
  return part;
}

std::vector<SignedEvent> read_events(capnp::List<schema::SignedEvent>::Reader list) {
  std::vector<SignedEvent> events;
  auto checked = io::read_list(list, events_per_letter_max, "more events than a letter may carry");
  events.reserve(checked.size());
  for (auto from : checked) {
    events.push_back({io::read_bytes(from.getBody(), event_bytes_max, "event"),
                      io::read_bytes(from.getSignature(), 128, "event's signature"),
                      io::read_id<Fingerprint>(from.getCertificate(), "event's certificate")});
  }
  return events;
}

std::vector<Receipt> read_receipts(capnp::List<schema::Receipt>::Reader list) {
  std::vector<Receipt> receipts;
  auto checked =
      io::read_list(list, receipts_per_letter_max, "more receipts than a letter may carry");
  receipts.reserve(checked.size());
  for (auto from : checked) {
    auto stage = from.getStage();
    io::require(stage <= schema::Stage::OPENED, "a receipt's stage", Reason::unsupported);
    receipts.push_back({io::read_id<LetterId>(from.getLetter(), "receipt's letter"),
                        static_cast<Stage>(stage), io::read_time(from.getAt(), "receipt's time")});
  }
  return receipts;
}

Matter read_matter(schema::Content::Reader from) {
  switch (from.which()) {
    case schema::Content::EVENTS:
      return read_events(from.getEvents());
    case schema::Content::RECEIPTS:
      return read_receipts(from.getReceipts());
    case schema::Content::PART:
      return read_part(from.getPart());
    case schema::Content::ASK:
      return read_ask(from.getAsk());
    case schema::Content::ANSWERED:
      return Answered{io::read_id<LetterId>(from.getAnswered().getAsk(), "ask")};
  }
  return UnknownMatter{static_cast<std::uint16_t>(from.which())};
}

struct FillMatter {
  schema::Content::Builder out;

  void operator()(const std::vector<SignedEvent>& events) {
    LIAISON_CHECK(events.size() <= events_per_letter_max);
    auto list = out.initEvents(static_cast<unsigned>(events.size()));
    for (unsigned i = 0; i < events.size(); ++i) {
      list[i].setBody(io::to_kj(events[i].body));
      list[i].setSignature(io::to_kj(events[i].signature));
      list[i].setCertificate(io::to_kj(events[i].certificate.view()));
    }
  }
  void operator()(const std::vector<Receipt>& receipts) {
    LIAISON_CHECK(receipts.size() <= receipts_per_letter_max);
    auto list = out.initReceipts(static_cast<unsigned>(receipts.size()));
    for (unsigned i = 0; i < receipts.size(); ++i) {
      list[i].setLetter(io::to_kj(receipts[i].letter.view()));
      list[i].setStage(static_cast<schema::Stage>(receipts[i].stage));
      list[i].setAt(to_ms(receipts[i].at));
    }
  }
  void operator()(const Part& part) {
    auto to = out.initPart();
    to.setCase(io::to_kj(part.case_id.view()));
    to.setAttachment(io::to_kj(part.attachment.view()));
    to.setIndex(part.index);
    to.setCount(part.count);
    to.setBytes(io::to_kj(part.bytes));
  }
  void operator()(const Ask& ask) { fill_ask(out.initAsk(), ask); }
  void operator()(const Answered& answered) {
    out.initAnswered().setAsk(io::to_kj(answered.ask.view()));
  }
  void operator()(const UnknownMatter&) {
    LIAISON_CHECK(false && "an unknown matter is never sent");
  }
};

}  // namespace

Bytes encode(const Content& content) {
  return io::encode<schema::Content>([&](schema::Content::Builder out) {
    out.setVersion(content.version);
    out.setLetter(io::to_kj(content.letter.view()));
    out.setSender(io::to_text(content.sender.text()));
    out.setRecipient(io::to_text(content.recipient.text()));
    out.setSealedAt(to_ms(content.sealed_at));
    out.setIncarnation(content.incarnation);
    out.setRegistryCheckpoint(io::to_kj(content.registry_checkpoint));
    out.setMessageCheckpoint(io::to_kj(content.message_checkpoint));
    if (!content.key_alarms.empty()) {
      auto list = out.initKeyAlarms(static_cast<unsigned>(content.key_alarms.size()));
      for (unsigned i = 0; i < list.size(); ++i)
        list.set(i, io::to_kj(content.key_alarms[i]));
    }
    std::visit(FillMatter{out}, content.matter);
  });
}

Result<Content> decode_content(ByteView bytes) {
  return io::decode<schema::Content>(bytes, "content", [](schema::Content::Reader from) {
    Content content;
    content.version = from.getVersion();
    io::require(content.version == 1, "version", Reason::unsupported);
    content.letter = io::read_id<LetterId>(from.getLetter(), "letter");
    content.sender = io::read_node(from.getSender(), "sender");
    content.recipient = io::read_node(from.getRecipient(), "recipient");
    content.sealed_at = io::read_time(from.getSealedAt(), "time");
    content.incarnation = from.getIncarnation();
    content.registry_checkpoint = io::read_bytes(from.getRegistryCheckpoint(), 8192, "checkpoint");
    content.message_checkpoint = io::read_bytes(from.getMessageCheckpoint(), 8192, "checkpoint");
    for (auto each : io::read_list(from.getKeyAlarms(), key_alarms_max, "key alarms"))
      content.key_alarms.push_back(io::read_bytes(each, key_alarm_bytes_max, "key alarm"));
    content.matter = read_matter(from);
    return content;
  });
}

}  // namespace liaison::wire
