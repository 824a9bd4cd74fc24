#include "auditor/disclosure.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto/digest.h"
#include "crypto/profile.h"
#include "crypto/revocation.h"
#include "crypto/seal.h"
#include "wire/letter.h"
#include "wire/registry.h"

namespace liaison::auditor {
namespace {

using Json = nlohmann::json;

/// Of one letter; a log that has more of them is not an honest one's.
constexpr std::size_t entries_max = 64;

struct Logged {
  std::uint64_t index = 0;
  wire::LogEntry entry;
};

struct Registered {
  std::uint64_t index = 0;
  Instant at;
  crypto::Certificate certificate;
  crypto::SigningProfile profile;
};

/// What the two logs say of one letter, and of those whose signatures it has.
class Found {
 public:
  Found(const LetterId& letter, std::set<Fingerprint> of)
      : letter_(letter), signers_(std::move(of)) {}

  void add(const wire::LogEntry& entry) {
    const auto index = messages_++;
    if (entry.letter == letter_ && entries.size() < entries_max) entries.push_back({index, entry});
  }
  void add(const wire::RegistryLeaf& leaf, ByteView body) {
    const auto index = registered_++;
    if (leaf.kind == wire::EntryKind::authority && !authority) {
      if (auto read = crypto::Certificate::parse(body)) authority = std::move(*read);
    } else if (leaf.kind == wire::EntryKind::revocation_list) {
      auto read = crypto::RevocationList::parse(body);
      if (read) revocations.add(*read);
    } else if (leaf.kind == wire::EntryKind::signing_certificate) {
      const auto issued = wire::decode_issued_certificate(body);
      if (!issued || signers_.count(Fingerprint{crypto::sha256(issued->certificate).octets}) == 0)
        return;
      auto certificate = crypto::Certificate::parse(issued->certificate);
      auto profile = certificate ? crypto::read_signing(*certificate) : fail(certificate.error());
      if (!profile) return;
      const auto fingerprint = certificate->fingerprint();
      signers.emplace(fingerprint,
                      Registered{index, leaf.at, std::move(*certificate), std::move(*profile)});
    }
  }

  std::vector<Logged> entries;
  std::map<Fingerprint, Registered> signers;
  std::optional<crypto::Certificate> authority;
  crypto::Revocations revocations;

 private:
  LetterId letter_;
  std::set<Fingerprint> signers_;
  std::uint64_t messages_ = 0;
  std::uint64_t registered_ = 0;
};

/// The acceptance that this disclosure is of; else what does not agree.
Result<Logged> accepted(const Found& found, const Digest& digest, const Commitment& commitment) {
  std::optional<Logged> nearest;
  for (const auto& each : found.entries) {
    if (each.entry.kind != wire::LogKind::accepted) continue;
    if (each.entry.digest == digest && each.entry.commitment == commitment) return each;
    if (!nearest || each.entry.digest == digest) nearest = each;
  }
  if (!nearest)
    return fail(Reason::not_found,
                "no letter of that id was accepted in this export: it is of another exchange, or "
                "was exported before, or the disclosure was altered");
  if (nearest->entry.digest != digest)
    return fail(Reason::untrusted,
                fmt::format("its octets are not those that entry {} logged: the disclosure was "
                            "altered",
                            nearest->index));
  return fail(Reason::untrusted,
              fmt::format("its key is not the one that its sender committed to in entry {}: a "
                          "second key was made that opens the same octets to another text, or the "
                          "disclosure was altered",
                          nearest->index));
}

std::string snake_case(const std::string& name) {
  std::string out;
  for (const char c : name)
    out +=
        c >= 'A' && c <= 'Z' ? std::string{'_', static_cast<char>(c - 'A' + 'a')} : std::string{c};
  return out;
}

/// Members called as everywhere else in what our programs print.
Json renamed(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const auto& each : value)
      out.push_back(renamed(each));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (const auto& [name, each] : value.items())
    out[snake_case(name)] = renamed(each);
  return out;
}

Json signer_json(const Registered& signer, const Found& found) {
  Json out{{"node", signer.profile.node.text()},
           {"organisation", signer.profile.organisation},
           {"certificate", signer.certificate.fingerprint().text()},
           {"registered_at", to_rfc3339(signer.at)},
           {"registry_entry", signer.index}};
  if (const auto* revoked = found.revocations.find(signer.certificate.serial())) {
    out["revoked_at"] = to_rfc3339(revoked->revoked_at);
    if (revoked->as_of) out["not_to_be_believed_since"] = to_rfc3339(*revoked->as_of);
  }
  return out;
}

Json event_json(const wire::SignedEvent& bytes, const Found& found) {
  const auto event = wire::decode_event(bytes.body);
  const auto text = wire::json_of_event(bytes.body);
  if (!event || !text) return {{"kind", "unreadable"}, {"holds", false}};
  auto shown = renamed(Json::parse(*text));
  const auto body = shown.find("body");
  if (body != shown.end() && body->is_object() && !body->empty()) {
    const auto said = body->begin().value();
    shown.erase("body");
    shown["said"] = said;
  }
  shown["kind"] = wire::name_of(event->body);
  const auto signer = found.signers.find(bytes.certificate);
  const bool holds = signer != found.signers.end() &&
                     signer->second.profile.node == event->author &&
                     signer->second.certificate.public_key().verify(
                         wire::signed_bytes_of_event(bytes.body), bytes.signature);
  shown["holds"] = holds;
  if (holds)
    shown["signed_by"] = signer->second.profile.organisation;
  else
    shown["wrong"] = "it is not shown to be its author's: " +
                     std::string(signer == found.signers.end()
                                     ? "its certificate is not in the registry log"
                                     : "its signature is not by a certificate of that node");
  return shown;
}

Json content_json(const wire::Content& content, const Found& found) {
  Json out = Json::object();
  if (const auto* events = std::get_if<std::vector<wire::SignedEvent>>(&content.matter)) {
    for (const auto& each : *events)
      out["events"].push_back(event_json(each, found));
  } else if (const auto* receipts = std::get_if<std::vector<wire::Receipt>>(&content.matter)) {
    for (const auto& each : *receipts)
      out["receipts"].push_back({{"letter", each.letter.text()},
                                 {"state", each.stage == wire::Stage::stored ? "stored" : "opened"},
                                 {"at", to_rfc3339(each.at)}});
  } else if (const auto* part = std::get_if<wire::Part>(&content.matter)) {
    out["part"] = {{"case", part->case_id.text()},
                   {"document", part->attachment.text()},
                   {"index", part->index},
                   {"count", part->count},
                   {"octets", to_base64(part->bytes)}};
  } else if (const auto* answered = std::get_if<wire::Answered>(&content.matter)) {
    out["answered"] = answered->ask.text();
  } else {
    out["matter"] = std::holds_alternative<wire::Ask>(content.matter)
                        ? "a question what is missing at its sender"
                        : "of a kind that this version does not know";
  }
  return out;
}

/// Whose signature the letter has, if that is its sender's in the exchange.
Result<Registered> sender_of(const crypto::Opened& opened, const wire::LogEntry& entry,
                             const Found& found) {
  const auto signer = found.signers.find(opened.signer.fingerprint());
  if (signer == found.signers.end())
    return fail(Reason::untrusted,
                "the certificate that signed it is not in the registry log of this export");
  if (signer->second.profile.node != entry.sender)
    return fail(Reason::untrusted, "it is signed by " + signer->second.profile.node.text() +
                                       ", and was logged as sent by " + entry.sender.text());
  const auto& certificate = signer->second.certificate;
  if (!found.authority ||
      !crypto::ChainCache(*found.authority).check_signing(certificate, certificate.not_before()))
    return fail(Reason::untrusted,
                "the certificate that signed it is not of the exchange's authority");
  return signer->second;
}

Result<wire::Content> content_of(const crypto::Opened& opened, const wire::LogEntry& entry) {
  auto content = wire::decode_content(opened.content);
  if (!content) return fail(content.error());
  if (content->letter != entry.letter || content->sender != entry.sender ||
      content->recipient != entry.recipient)
    return fail(Reason::untrusted,
                "what is inside was not meant for this letter: it names another id, sender or "
                "recipient than was logged");
  return content;
}

std::set<Fingerprint> signers_of(const Result<crypto::Opened>& opened) {
  std::set<Fingerprint> out;
  if (!opened) return out;
  out.insert(opened->signer.fingerprint());
  if (const auto content = wire::decode_content(opened->content))
    if (const auto* events = std::get_if<std::vector<wire::SignedEvent>>(&content->matter))
      for (const auto& each : *events)
        out.insert(each.certificate);
  return out;
}

}  // namespace

Result<Json> check_disclosure(const audit::Disclosure& disclosure,
                              const std::filesystem::path& exported, VerifyOptions options) {
  const auto& key = disclosure.content_key;
  const auto commitment = crypto::commitment_of(key.view());
  // Nothing of it is believed before the logs have said that it is theirs.
  const auto opened = crypto::open_with(disclosure.sealed, key.clone(), commitment);
  Found found(disclosure.letter, signers_of(opened));
  options.message = [&](const auto& entry) { found.add(entry); };
  options.registry = [&](const auto& leaf, ByteView body) { found.add(leaf, body); };
  const auto verified = verify_export(exported, options);
  if (!verified) return fail(verified.error().reason, "the export: " + verified.error().text);
  const auto logged = accepted(found, crypto::sha256(disclosure.sealed), commitment);
  if (!logged) return fail(logged.error());
  const auto& entry = logged->entry;
  if (!opened)
    return fail(Reason::untrusted,
                "octets and key are those that were logged, and no letter: its form, tag, padding "
                "or signature does not hold, and its recipient could not use it either");
  const auto sender = sender_of(*opened, entry, found);
  if (!sender) return fail(sender.error());
  const auto content = content_of(*opened, entry);
  if (!content) return fail(content.error());

  Json out{{"holds", true},
           {"keys_of_the_export", verified->by_own_keys},
           {"letter", entry.letter.text()},
           {"sender", entry.sender.text()},
           {"recipient", entry.recipient.text()},
           {"accepted_at", to_rfc3339(entry.at)},
           {"origin", verified->logs.back().checked.checkpoint.origin},
           {"message_entry", logged->index},
           {"size_bytes", entry.size_bytes},
           {"sha256", entry.digest.text()},
           {"commitment", entry.commitment.text()},
           {"signed_at", to_rfc3339(opened->signed_at)},
           {"sealed_at", to_rfc3339(content->sealed_at)},
           {"signed_by", signer_json(*sender, found)},
           {"content", content_json(*content, found)}};
  out["certificate_held"] =
      sender->certificate.valid_at(entry.at) || entry.at < sender->certificate.not_before();
  for (const auto& each : found.entries)
    if (each.entry.kind != wire::LogKind::accepted && each.index > logged->index)
      out["became"].push_back(
          {{"kind", wire::name_of(each.entry.kind)}, {"at", to_rfc3339(each.entry.at)}});
  return out;
}

}  // namespace liaison::auditor
