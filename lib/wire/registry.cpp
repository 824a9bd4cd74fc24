#include "wire/registry.h"

#include <registry.capnp.h>

#include <algorithm>

#include "wire/capnp_io.h"

namespace liaison::wire {

Bytes encode(const IssuedCertificate& issued) {
  return io::encode<schema::IssuedCertificate>([&](schema::IssuedCertificate::Builder out) {
    out.setCertificate(io::to_kj(issued.certificate));
    out.setReason(static_cast<schema::IssueReason>(issued.reason));
    if (!issued.previous.is_zero()) out.setPrevious(io::to_kj(issued.previous.view()));
    out.setRequest(io::to_kj(issued.request));
    out.setContinuity(io::to_kj(issued.continuity));
  });
}

Result<IssuedCertificate> decode_issued_certificate(ByteView bytes) {
  return io::decode<schema::IssuedCertificate>(bytes, "issued certificate", [](auto from) {
    IssuedCertificate issued;
    issued.certificate =
        io::read_bytes(from.getCertificate(), certificate_bytes_max, "certificate");
    auto reason = from.getReason();
    io::require(reason <= schema::IssueReason::REJOINED, "an unknown reason");
    issued.reason = static_cast<IssueReason>(reason);
    issued.previous = io::read_id_or_zero<Fingerprint>(from.getPrevious(), "previous");
    issued.request = io::read_bytes(from.getRequest(), certificate_bytes_max, "request");
    issued.continuity = io::read_bytes(from.getContinuity(), 128, "continuity");
    return issued;
  });
}

Bytes encode(const Listing& listing) {
  return io::encode<schema::Listing>([&](schema::Listing::Builder out) {
    out.setPublisher(io::to_text(listing.publisher.text()));
    out.setService(io::to_text(listing.service));
    out.setVersion(listing.version);
    out.setPublishedAt(to_ms(listing.published_at));
    out.setClosed(listing.closed);
    out.setOpenReferral(io::to_text(listing.open_referral));
  });
}

Result<Listing> decode_listing(ByteView bytes) {
  return io::decode<schema::Listing>(bytes, "listing", [](schema::Listing::Reader from) {
    Listing listing;
    listing.publisher = io::read_node(from.getPublisher(), "publisher");
    listing.service = io::read_text(from.getService(), 64, "service");
    // PROVIDER/SERVICE names one of a provider: an id with a slash would look like another's.
    auto may_stand = [](char c) { return c > ' ' && c < 0x7F && c != '/'; };
    io::require(!listing.service.empty() && std::ranges::all_of(listing.service, may_stand),
                "service");
    listing.version = from.getVersion();
    io::require(listing.version > 0, "version");
    listing.published_at = io::read_time(from.getPublishedAt(), "time");
    listing.closed = from.getClosed();
    listing.open_referral = io::read_text(from.getOpenReferral(), listing_text_max, "text");
    return listing;
  });
}

Bytes encode(const SignedListing& listing) {
  return io::encode<schema::SignedListing>([&](schema::SignedListing::Builder out) {
    out.setBody(io::to_kj(listing.body));
    out.setSignature(io::to_kj(listing.signature));
    out.setCertificate(io::to_kj(listing.certificate.view()));
  });
}

Result<SignedListing> decode_signed_listing(ByteView bytes) {
  return io::decode<schema::SignedListing>(
      bytes, "signed listing", [](schema::SignedListing::Reader from) {
        return SignedListing{io::read_bytes(from.getBody(), publication_bytes_max, "body"),
                             io::read_bytes(from.getSignature(), 128, "signature"),
                             io::read_id<Fingerprint>(from.getCertificate(), "certificate")};
      });
}

Bytes encode(const AdministratorAct& act) {
  return io::encode<schema::AdministratorAct>([&](schema::AdministratorAct::Builder out) {
    out.setAdministrator(io::to_text(act.administrator));
    out.setAct(io::to_text(act.act));
    out.setObject(io::to_text(act.object));
    out.setDetail(io::to_text(act.detail));
  });
}

Result<AdministratorAct> decode_administrator_act(ByteView bytes) {
  return io::decode<schema::AdministratorAct>(
      bytes, "act", [](schema::AdministratorAct::Reader from) {
        return AdministratorAct{io::read_text(from.getAdministrator(), 64, "administrator"),
                                io::read_text(from.getAct(), 64, "act"),
                                io::read_text(from.getObject(), 128, "object"),
                                io::read_text(from.getDetail(), 1024, "detail")};
      });
}

Bytes encode(const LogKey& change) {
  return io::encode<schema::LogKey>([&](schema::LogKey::Builder out) {
    out.setNumber(change.number);
    out.setEpoch(change.epoch);
    out.setFormer(io::to_kj(change.former.view()));
    out.setKey(io::to_kj(change.key.view()));
    out.setSignature(io::to_kj(change.signature));
  });
}

Result<LogKey> decode_log_key(ByteView bytes) {
  return io::decode<schema::LogKey>(bytes, "log key", [](schema::LogKey::Reader from) {
    LogKey change;
    change.number = from.getNumber();
    change.epoch = from.getEpoch();
    change.former = io::read_id<Digest>(from.getFormer(), "former key");
    change.key = io::read_id<Digest>(from.getKey(), "key");
    change.signature = io::read_bytes(from.getSignature(), 64, "signature");
    io::require(change.signature.size() == 64, "signature");
    return change;
  });
}

Bytes signed_bytes_of(const LogKey& change, const Fingerprint& authority) {
  static constexpr char title[] = "liaison log key 1";  // its closing 00 is part of it
  Bytes out(std::begin(title), std::end(title));
  const auto put = [&](std::uint64_t number, unsigned bits) {
    for (; bits > 0; bits -= 8)
      out.push_back(static_cast<std::uint8_t>(number >> (bits - 8)));
  };
  out.insert(out.end(), authority.octets.begin(), authority.octets.end());
  put(change.epoch, 64);
  put(change.number, 32);
  for (const auto* key : {&change.former, &change.key})
    out.insert(out.end(), key->octets.begin(), key->octets.end());
  return out;
}

Bytes signed_bytes_of_listing(ByteView body) {
  Bytes out = copy_of(as_bytes("liaison listing"));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace liaison::wire
