#include "certs/ca_commands.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "certs/signing_request.h"
#include "crypto/file.h"
#include "wire/mark.h"

namespace liaison::certs {

namespace {

using crypto::Certificate;
using nlohmann::json;

Enrolment enrolment_of(const crypto::SigningProfile& profile) {
  return {profile.node, profile.organisation, profile.role, profile.capabilities};
}

std::string described(const Enrolment& enrolment) {
  std::string out =
      enrolment.node.text() + " (" + enrolment.organisation + ", " + name_of(enrolment.role);
  for (const auto each : enrolment.capabilities.list())
    out += std::string(", ") + name_of(each);
  return out + ")";
}

/// The certificate that this request got before, if it still holds.
std::optional<Certificate> signed_before(const AuthorityDirectory& authority,
                                         const std::vector<Certificate>& issued,
                                         const crypto::CertificateRequest& request,
                                         const Enrolment& enrolment, Instant now) {
  for (const auto& each : issued) {
    const auto profile = crypto::read_signing(each);
    if (profile && each.public_key() == request.public_key && enrolment_of(*profile) == enrolment &&
        profile->curve == request.curve && profile->witness == request.witness &&
        each.valid_at(now) && !authority.revocations().is_revoked(each.serial())) {
      return each;
    }
  }
  return std::nullopt;
}

Result<crypto::CertificateRequest> check(const AuthorityDirectory& authority,
                                         const std::vector<Certificate>& issued,
                                         const SigningRequest& request,
                                         const Admission& admission) {
  const auto& enrolment = request.enrolment;
  if (!request.continuity) {
    if (issued.empty() ? !admission.new_nodes : admission.again.count(enrolment.node) == 0)
      return fail(
          Reason::forbidden,
          described(enrolment) +
              (issued.empty()
                   ? " has no certificate here yet: with --new it is admitted"
                   : " has certificates here already, and this request proves none of their "
                     "keys: if its keys are lost, --rejoin " +
                         enrolment.node.text() + " admits it again"));
    return crypto::CertificateRequest::parse(request.request);
  }
  const auto previous = std::find_if(issued.begin(), issued.end(), [&](const auto& each) {
    return each.fingerprint() == request.continuity->previous;
  });
  if (previous == issued.end()) {
    return fail(Reason::not_found,
                "the certificate that it renews was not issued to the node by this authority");
  }
  if (authority.revocations().is_revoked(previous->serial())) {
    return fail(Reason::forbidden, "the certificate that it renews is revoked");
  }
  if (enrolment_of(crypto::read_signing(*previous).value()) != enrolment) {
    return fail(
        Reason::forbidden,
        "it changes the node's organisation, role or capabilities: that needs an invitation with "
        "--rejoin");
  }
  return check_renewal({request.request, *request.continuity}, *previous);
}

/// No node has a certificate here whose mark (wire/mark.h) is that of `node`, which has none yet:
/// ids would not say which of the two made them.
Result<void> check_mark(const AuthorityDirectory& authority, const NodeId& node) {
  const auto all = authority.issued();
  if (!all) return fail(all.error());
  for (const auto& each : *all) {
    const auto other = crypto::read_signing(each).value().node;
    if (wire::mark_of(other) == wire::mark_of(node))
      return fail(Reason::conflict, node.text() + ": the id has the mark of " + other.text() +
                                        ", who could not be told from it in cases: it must join "
                                        "under another id");
  }
  return {};
}

Result<Certificate> sign_one(AuthorityDirectory& authority, const std::filesystem::path& file,
                             const Admission& admission, Instant now) {
  const auto text = crypto::read_file(file, signing_request_bytes_max, crypto::Readers::anyone);
  if (!text) return fail(text.error());
  const auto request = parse_signing_request(as_text(text->view()));
  if (!request) return fail(request.error());
  const auto issued = authority.issued_to(request->enrolment.node);
  if (!issued) return fail(issued.error());
  if (const auto asked = crypto::CertificateRequest::parse(request->request); asked) {
    if (auto again = signed_before(authority, *issued, *asked, request->enrolment, now))
      return std::move(*again);
  }
  const auto good = check(authority, *issued, *request, admission);
  if (!good) return fail(good.error());
  if (issued->empty()) {
    if (const auto distinct = check_mark(authority, request->enrolment.node); !distinct)
      return fail(distinct.error());
  }
  return authority.issue(*good, request->enrolment, now);
}

std::string state_of(const AuthorityDirectory& authority, const Certificate& certificate,
                     Instant now) {
  if (authority.revocations().is_revoked(certificate.serial())) return "revoked";
  if (now > certificate.not_after()) return "expired";
  return now < certificate.not_before() ? "not_yet_valid" : "valid";
}

json as_json(const AuthorityDirectory& authority, const Certificate& certificate, Instant now) {
  const auto profile = crypto::read_signing(certificate).value();
  json capabilities = json::array();
  for (const auto each : profile.capabilities.list())
    capabilities.push_back(name_of(each));
  json out{{"node", profile.node.text()},
           {"organisation", profile.organisation},
           {"role", name_of(profile.role)},
           {"capabilities", std::move(capabilities)},
           {"serial", to_hex(certificate.serial())},
           {"fingerprint", certificate.fingerprint().text()},
           {"not_before", to_rfc3339(certificate.not_before())},
           {"not_after", to_rfc3339(certificate.not_after())},
           {"state", state_of(authority, certificate, now)}};
  if (const auto* const entry = authority.revocations().find(certificate.serial());
      entry != nullptr) {
    out["revoked_at"] = to_rfc3339(entry->revoked_at);
    out["reason"] = name_of(entry->reason);
    if (entry->as_of) out["as_of"] = to_rfc3339(*entry->as_of);
  }
  return out;
}

}  // namespace

Result<std::size_t> sign_requests(AuthorityDirectory& authority,
                                  const std::filesystem::path& requests,
                                  const std::filesystem::path& out, const Admission& admission,
                                  Instant now, std::ostream& lines) {
  if (!std::filesystem::is_directory(requests)) {
    return fail(Reason::not_found,
                requests.string() + " is not a directory: give the one that the requests lie in");
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(requests)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) lines << "no requests (*.json) lie in " << requests.string() << '\n';
  std::filesystem::create_directories(out);
  std::size_t refused = 0;
  for (const auto& file : files) {
    const auto certificate = sign_one(authority, file, admission, now);
    if (!certificate) {
      lines << file.filename().string() << ": refused: " << certificate.error().text << '\n';
      ++refused;
      continue;
    }
    const auto enrolment = enrolment_of(*crypto::read_signing(*certificate));
    crypto::write_file(out / (enrolment.node.text() + ".pem"), as_bytes(certificate->pem()), 0644);
    lines << file.filename().string() << ": signed for " << described(enrolment) << " until "
          << to_rfc3339(certificate->not_after()) << '\n';
  }
  return refused;
}

Result<void> list_certificates(const AuthorityDirectory& authority, Form form, Instant now,
                               std::ostream& out) {
  const auto issued = authority.issued();
  if (!issued) return fail(issued.error());
  json all = json::array();
  for (const auto& each : *issued) {
    const auto facts = as_json(authority, each, now);
    if (form == Form::json) {
      all.push_back(facts);
      continue;
    }
    const auto text = [&](const char* name) { return facts.at(name).get<std::string>(); };
    out << text("node") << "  " << text("role") << "  " << text("state") << "  until "
        << text("not_after") << "  " << text("serial") << "  " << text("organisation") << '\n';
  }
  if (form == Form::json) out << all.dump(2) << '\n';
  return {};
}

}  // namespace liaison::certs
