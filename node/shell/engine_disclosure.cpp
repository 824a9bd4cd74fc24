#include "audit/proof_file.h"
#include "base/check.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "node/shell/engine_parts.h"
#include "wire/log_entry.h"

/// What this node can hand to an auditor of one letter: the proof that it was logged, and the
/// letter itself.
namespace liaison::node {
namespace {

template <class... Cases>
struct Visit : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Visit(Cases...) -> Visit<Cases...>;

void tell_matter(LetterView& out, const wire::Matter& matter) {
  std::visit(Visit{
                 [&](const std::vector<wire::SignedEvent>& events) {
                   out.matter = "events";
                   for (const auto& each : events) {
                     const auto event = wire::decode_event(each.body);
                     out.says.emplace_back(event ? wire::name_of(event->body) : "unreadable");
                   }
                 },
                 [&](const std::vector<wire::Receipt>& receipts) {
                   out.matter = "receipts";
                   for (const auto& each : receipts)
                     out.says.emplace_back(each.stage == wire::Stage::stored ? "stored" : "opened");
                 },
                 [&](const wire::Part&) { out.matter = "part of a document"; },
                 [&](const wire::Ask&) { out.matter = "question what is missing"; },
                 [&](const wire::Answered&) { out.matter = "answer to a question"; },
                 [&](const wire::UnknownMatter&) { out.matter = "of a later version"; },
             },
             matter);
}

}  // namespace

Result<Engine::Disclosable> Engine::disclosable(const LetterId& id) {
  auto& p = *parts_;
  auto kept = p.kept_letters.letter(id);
  if (!kept) return fail(kept.error());
  const auto opened = crypto::open_with(kept->sealed, kept->content_key.clone(),
                                        crypto::commitment_of(kept->content_key.view()));
  const auto content = opened ? wire::decode_content(opened->content) : fail(opened.error());
  if (!content)
    return fail(Reason::unavailable, "what is kept of it cannot be read by this version");
  Disclosable out;
  auto& about = out.about;
  about.letter = id;
  about.sender = content->sender;
  about.recipient = content->recipient;
  about.sealed_at = content->sealed_at;
  about.size_bytes = kept->sealed.size();
  about.cases = kept->about;
  for (const auto& each : kept->about)
    if (const auto summary = p.summaries.find(each);
        summary != p.summaries.end() && !summary->second.name.empty())
      about.clients.push_back(summary->second.name);
  tell_matter(about, content->matter);
  if (const auto place = p.logs.store().place(id)) {
    const auto entry = wire::decode_log_entry(place->entry);
    if (entry && entry->digest != crypto::sha256(kept->sealed))
      return fail(Reason::unavailable,
                  "what is kept of it does not make the octets that were logged any more");
    if (entry) about.accepted_at = entry->at;
  }
  out.disclosure = {id, std::move(kept->content_key), std::move(kept->sealed)};
  return out;
}

Result<std::string> Engine::proof_of(const LetterId& id) {
  auto& p = *parts_;
  const auto place = p.logs.store().place(id);
  if (!place)
    return fail(Reason::not_found,
                "the exchange has told this node no place of such a letter in its message log: it "
                "was not sent or taken here, or not accepted yet, or years ago");
  const auto proof = p.logs.store().proof(id);
  if (!proof)
    return fail(Reason::unavailable,
                "the exchange has not shown this node yet that the letter is in its message log, "
                "which takes some seconds while it is connected: see status");
  auto note = audit::parse_note(proof->note);
  LIAISON_CHECK(note.has_value());  // it was verified when it was kept
  return audit::encode(
      audit::ProofFile{proof->entry, proof->leaf, proof->hashes, std::move(*note)});
}

}  // namespace liaison::node
