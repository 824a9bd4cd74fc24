#include <algorithm>

#include "base/log.h"
#include "casework/attachments.h"
#include "casework/settle.h"
#include "crypto/digest.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"

/// Documents: described by an event, kept and sent in parts.
namespace liaison::node {
namespace {

// A referral's attachments are at most 25 MiB; a case may have several.
constexpr std::uint64_t part_bytes_of_case_max = 256u << 20;

/// With the case: one document may go to one recipient in several.
Bytes part_object(const CaseId& id, const Digest& attachment, std::uint16_t part) {
  auto out = attachment.bytes();
  out.push_back(static_cast<std::uint8_t>(part >> 8U));
  out.push_back(static_cast<std::uint8_t>(part));
  const auto of = id.view();
  out.insert(out.end(), of.begin(), of.end());
  return out;
}

}  // namespace

bool gives_documents(const casework::CaseView& view, const wire::Event& event) {
  return std::ranges::count(view.lead_offices, event.author) != 0;
}

std::vector<wire::Attachment> attachments_of(const wire::Event& event) {
  if (const auto* requested = std::get_if<wire::events::Requested>(&event.body))
    return requested->attachments;
  if (const auto* added = std::get_if<wire::events::AttachmentAdded>(&event.body))
    return {added->attachment};
  return {};
}

std::vector<Document> documents_of(const OpenCase& open) {
  std::vector<Document> out;
  for (const auto& [id, event] : open.file.events())
    if (gives_documents(open.view, *event))
      for (auto& about : attachments_of(*event))
        out.push_back({event, std::move(about)});
  return out;
}

std::vector<Document> documents_wanted(const OpenCase& open) {
  std::vector<Document> out;
  for (const auto& referral : open.view.referrals) {
    auto counted = referral.attachments;
    const auto has_room = [&](const casework::HistoryEntry& entry, const wire::Attachment& about) {
      if (entry.verdict != casework::Verdict::pending) return true;
      counted.push_back(about);
      const bool fits = casework::check_attachments(counted).has_value();
      if (!fits) counted.pop_back();
      return fits;
    };
    for (const auto& entry : referral.strand.history) {
      if (entry.verdict == casework::Verdict::not_applied ||
          !gives_documents(open.view, *entry.event))
        continue;
      for (auto& about : attachments_of(*entry.event))
        if (has_room(entry, about)) out.push_back({entry.event, std::move(about)});
    }
  }
  return out;
}

wire::Attachment describe_attachment(std::string name, wire::AttachmentKind kind, ByteView octets) {
  wire::Attachment out;
  out.name = std::move(name);
  out.kind = kind;
  out.size = octets.size();
  out.digest = crypto::sha256(octets);
  out.part_size = static_cast<std::uint32_t>(wire::part_bytes_max);
  for (std::size_t at = 0; at < octets.size() || at == 0; at += out.part_size)
    out.parts.push_back(crypto::sha256(
        octets.subspan(at, std::min<std::size_t>(out.part_size, octets.size() - at))));
  return out;
}

bool Engine::Parts::has_all_parts(const OpenCase& open) {
  return std::ranges::all_of(documents_wanted(open), [&](const Document& document) {
    return cases.parts_held(open.file.id(), document.about.digest).size() ==
           document.about.parts.size();
  });
}

void Engine::Parts::keep_attachment(const CaseId& id, const NewAttachment& attachment) {
  const auto& about = attachment.about;
  const auto parts = static_cast<std::uint16_t>(about.parts.size());
  for (std::uint16_t part = 0; part < parts; ++part) {
    const auto at = std::size_t{part} * about.part_size;
    const auto size = std::min<std::size_t>(about.part_size, attachment.octets.size() - at);
    cases.keep_part(id, about.digest, part, parts, ByteView(attachment.octets).subspan(at, size));
  }
}

Result<void> Engine::Parts::keep_part(const wire::Part& part, Now now) {
  if (cases.is_disposed(part.case_id))
    return fail(Reason::forbidden, "its case was disposed of here");
  std::vector<Document> documents;
  if (cases.has(part.case_id)) documents = documents_wanted(open_case(part.case_id));
  std::erase_if(documents,
                [&](const Document& each) { return each.about.digest != part.attachment; });
  // Its event comes first, as a rule. If not, the part is asked for when the event is here: nobody
  // fills a disk with what no event speaks of.
  if (documents.empty()) return {};
  const auto fits = [&](const Document& each) {
    return part.count == each.about.parts.size() && part.index < part.count &&
           crypto::sha256(part.bytes) == each.about.parts[part.index];
  };
  if (!std::ranges::any_of(documents, fits))
    return fail(Reason::malformed, "it is not the part of its attachment that it says it is");
  if (cases.part_bytes(part.case_id) + part.bytes.size() > part_bytes_of_case_max)
    return fail(Reason::too_large, "the case has more octets of attachments than a case may have");
  cases.keep_part(part.case_id, part.attachment, part.index, part.count, part.bytes);
  auto held = cases.parts_held(part.case_id, part.attachment);
  if (held.size() < part.count) return {};
  crypto::Sha256 digest;
  for (auto index : held)
    digest.add(*cases.part(part.case_id, part.attachment, index));
  if (digest.finish() != part.attachment) {
    // One of them is not what its attachment says: all again, from who has it.
    cases.forget_parts(part.case_id, part.attachment);
    log::warning("an attachment did not match its digest; it is asked for again");
  }
  touch(part.case_id);
  summarise(open_case(part.case_id));
  look_for_missing(open_case(part.case_id), now);
  return {};
}

void Engine::Parts::queue_parts(const CaseId& id, const wire::Attachment& attachment,
                                const NodeId& to, Now now, Again again) {
  auto held = cases.parts_held(id, attachment.digest);
  if (held.size() != attachment.parts.size()) return;  // not whole here: its author has it
  for (auto part : held) {
    auto object = part_object(id, attachment.digest, part);
    if (!may_go(object, to, now, again)) continue;
    OutboxRow row;
    row.item.recipient = to;
    row.item.case_id = id;
    row.item.kind = ItemKind::part;
    row.item.bytes = attachment.part_size;
    row.object = std::move(object);
    queue(std::move(row), now);
  }
}

void Engine::Parts::answer_part(const NodeId& to, const wire::PartWanted& part, Now now) {
  if (summaries.count(part.case_id) == 0) return;
  auto& open = open_case(part.case_id);
  for (const auto& document : documents_of(open))
    if (document.about.digest == part.attachment &&
        casework::audience(open.view, document.event->strand).count(to) != 0)
      return queue_parts(part.case_id, document.about, to, now, Again::if_asked);
}

Result<Bytes> Engine::attachment(const CaseId& id, const Digest& digest) {
  auto& p = *parts_;
  if (p.summaries.count(id) == 0) return fail(Reason::not_found, "no such case");
  const auto& open = p.open_case(id);
  Result<Bytes> missing = fail(Reason::not_found, "no such document in the case");
  for (const auto& document : documents_of(open)) {
    const auto& about = document.about;
    if (about.digest != digest) continue;
    auto held = p.cases.parts_held(id, digest);
    if (held.size() != about.parts.size()) {
      missing = fail(Reason::unavailable, "the document is still on its way: part " +
                                              std::to_string(held.size()) + " of " +
                                              std::to_string(about.parts.size()) + " is here");
      continue;
    }
    Bytes out;
    for (auto part : held) {
      auto octets = *p.cases.part(id, digest, part);
      out.insert(out.end(), octets.begin(), octets.end());
    }
    if (crypto::sha256(out) != digest)
      return fail(Reason::untrusted,
                  "the document is not the one that was described: have it sent again");
    return out;
  }
  return missing;
}

}  // namespace liaison::node
