#include "certs/authority_directory.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "crypto/file.h"

namespace liaison::certs {

namespace {

constexpr const char* key_name = "authority";

std::filesystem::path certificate_file(const std::filesystem::path& directory) {
  return directory / "authority.pem";
}
std::filesystem::path list_file(const std::filesystem::path& directory) {
  return directory / "revocations.crl";
}
std::filesystem::path issued_directory(const std::filesystem::path& directory) {
  return directory / "issued";
}

/// Passes an error on with the file it is about.
tl::unexpected<Error> about(const std::filesystem::path& path, const Error& error) {
  return fail(error.reason, path.string() + ": " + error.text);
}

}  // namespace

Result<AuthorityDirectory> AuthorityDirectory::create(const std::filesystem::path& directory,
                                                      const std::string& name,
                                                      std::optional<Secret> passphrase,
                                                      Instant now) {
  if (const auto good = check_organisation(name); !good) return fail(good.error());
  if (std::filesystem::exists(certificate_file(directory))) {
    return fail(Reason::conflict,
                "there is an authority in " + directory.string() + " already: nothing was changed");
  }
  std::filesystem::create_directories(issued_directory(directory));
  Lock lock(directory.string());
  auto vault = crypto::KeyVault::create(directory / "keys", std::move(passphrase));
  // The certificate is written last, so this may be an init that was cut short; or the certificate
  // was lost, and these keys must not be.
  if (!vault)
    return fail(
        vault.error().reason,
        vault.error().text +
            ". If they are of an init that was cut short, remove that directory and repeat; "
            "if this was an authority, restore its authority.pem");
  auto authority = Authority::make(name, now);
  auto list = authority.first_list(now);
  vault->keep(key_name, authority.key());
  crypto::write_file(list_file(directory), list.der(), 0644);
  // Last, because it is what tells that there is an authority.
  crypto::write_file(certificate_file(directory), as_bytes(authority.certificate().pem()), 0644);
  return AuthorityDirectory(std::move(lock), directory, std::move(authority), std::move(list));
}

Result<AuthorityDirectory> AuthorityDirectory::open(const std::filesystem::path& directory,
                                                    std::optional<Secret> passphrase, Use use) {
  const auto pem = crypto::read_file(certificate_file(directory), 2 * crypto::certificate_bytes_max,
                                     crypto::Readers::anyone);
  if (!pem) {
    if (pem.error().reason != Reason::not_found) return fail(pem.error());
    return fail(Reason::not_found, "there is no authority in " + directory.string() +
                                       ": make one with liaison-ca init");
  }
  auto certificate = crypto::certificate_from_pem(as_text(pem->view()));
  if (!certificate) return about(certificate_file(directory), certificate.error());
  Lock lock;
  if (use == Use::writing) lock.emplace(directory.string());
  auto vault = crypto::KeyVault::open(directory / "keys", std::move(passphrase));
  if (!vault) return fail(vault.error());
  auto key = vault->private_key(key_name);
  if (!key) return fail(key.error());
  auto authority = Authority::from(std::move(*key), std::move(*certificate));
  if (!authority) return fail(authority.error());
  const auto der = crypto::read_file(list_file(directory), crypto::revocation_list_bytes_max,
                                     crypto::Readers::anyone);
  if (!der) return fail(der.error());
  auto list = crypto::RevocationList::parse(der->view());
  if (!list) return about(list_file(directory), list.error());
  if (const auto good = list->verify(authority->certificate()); !good) {
    return about(list_file(directory), good.error());
  }
  return AuthorityDirectory(std::move(lock), directory, std::move(*authority), std::move(*list));
}

Result<std::vector<crypto::Certificate>> AuthorityDirectory::issued() const {
  std::vector<std::pair<NodeId, crypto::Certificate>> found;
  for (const auto& entry : std::filesystem::directory_iterator(issued_directory(directory_))) {
    if (entry.path().extension() != ".der") continue;
    const auto der =
        crypto::read_file(entry.path(), crypto::certificate_bytes_max, crypto::Readers::anyone);
    if (!der) return fail(der.error());
    auto certificate = crypto::Certificate::parse(der->view());
    if (!certificate) return about(entry.path(), certificate.error());
    const auto profile = crypto::read_signing(*certificate);
    if (!profile) return about(entry.path(), profile.error());
    found.emplace_back(profile->node, std::move(*certificate));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second.not_before(), a.second.serial()) <
           std::tuple(b.first, b.second.not_before(), b.second.serial());
  });
  std::vector<crypto::Certificate> out;
  out.reserve(found.size());
  for (auto& [node, certificate] : found)
    out.push_back(std::move(certificate));
  return out;
}

Result<std::vector<crypto::Certificate>> AuthorityDirectory::issued_to(const NodeId& node) const {
  auto all = issued();
  if (!all) return all;
  all->erase(
      std::remove_if(all->begin(), all->end(),
                     [&](const auto& each) { return crypto::read_signing(each)->node != node; }),
      all->end());
  return all;
}

Result<crypto::Certificate> AuthorityDirectory::issue(const crypto::CertificateRequest& request,
                                                      const Enrolment& enrolment, Instant now) {
  LIAISON_CHECK(lock_.has_value());
  auto certificate = authority_.issue(request, enrolment, now);
  if (!certificate) return certificate;
  const auto file = to_hex(certificate->serial()) + ".der";
  crypto::write_file(issued_directory(directory_) / file, certificate->der(), 0644);
  return certificate;
}

Result<crypto::RevocationList> AuthorityDirectory::revoke(const NodeId& node,
                                                          crypto::RevocationReason reason,
                                                          std::optional<Instant> as_of,
                                                          Instant now) {
  LIAISON_CHECK(lock_.has_value());
  const auto certificates = issued_to(node);
  if (!certificates) return fail(certificates.error());
  std::vector<crypto::RevocationEntry> entries;
  for (const auto& each : *certificates)
    entries.push_back({each.serial(), now, reason, as_of});
  if (entries.empty()) {
    return fail(Reason::not_found, "no certificate was issued to " + node.text() +
                                       ": liaison-ca list shows which were");
  }
  auto list = authority_.revoke(revocations_, entries, now);
  if (!list) return list;
  crypto::write_file(list_file(directory_), list->der(), 0644);
  revocations_ = std::move(*list);
  return revocations_;
}

}  // namespace liaison::certs
