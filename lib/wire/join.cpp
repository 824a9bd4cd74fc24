#include "wire/join.h"

#include <join.capnp.h>

#include "wire/capnp_io.h"

namespace liaison::wire {

Bytes encode(const JoinRequest& request) {
  return io::encode<schema::JoinRequest>([&](schema::JoinRequest::Builder out) {
    out.setVersion(request.version);
    out.setNode(io::to_text(request.node.text()));
    out.setSecret(io::to_kj(request.secret.view()));
    out.setRequest(io::to_kj(request.request));
    out.setCurveKey(io::to_kj(request.curve_key.view()));
    out.setWitnessKey(io::to_kj(request.witness_key.view()));
  });
}

Bytes encode(const JoinAnswer& answer) {
  return io::encode<schema::JoinAnswer>([&](schema::JoinAnswer::Builder out) {
    if (const auto* joined = std::get_if<Joined>(&answer)) {
      auto to = out.initJoined();
      to.setAuthority(io::to_kj(joined->authority));
      to.setCertificate(io::to_kj(joined->certificate));
    } else if (const auto* refused = std::get_if<std::string>(&answer)) {
      out.setRefused(io::to_text(*refused));
    } else {
      out.setPending();
    }
  });
}

Result<JoinRequest> decode_join_request(ByteView bytes) {
  return io::decode<schema::JoinRequest>(
      bytes, "join request", [](schema::JoinRequest::Reader from) {
        JoinRequest request;
        request.version = from.getVersion();
        io::require(request.version == 1, "a version that this broker does not speak",
                    Reason::unsupported);
        request.node = io::read_node(from.getNode(), "node");
        request.secret = io::read_id<Digest>(from.getSecret(), "secret");
        request.request =
            io::read_bytes(from.getRequest(), certificate_bytes_max, "certificate request");
        request.curve_key = io::read_id<CurveKey>(from.getCurveKey(), "CURVE key");
        request.witness_key = io::read_id<Digest>(from.getWitnessKey(), "witness key");
        return request;
      });
}

Result<JoinAnswer> decode_join_answer(ByteView bytes) {
  return io::decode<schema::JoinAnswer>(
      bytes, "join answer", [](schema::JoinAnswer::Reader from) -> JoinAnswer {
        switch (from.which()) {
          case schema::JoinAnswer::JOINED: {
            auto joined = from.getJoined();
            return Joined{
                io::read_bytes(joined.getAuthority(), certificate_bytes_max, "authority"),
                io::read_bytes(joined.getCertificate(), certificate_bytes_max, "certificate")};
          }
          case schema::JoinAnswer::PENDING:
            return JoinPending{};
          case schema::JoinAnswer::REFUSED:
            return io::read_text(from.getRefused(), text_line_max, "refused");
        }
        throw io::Malformed{Reason::unsupported, "an answer of a later version"};
      });
}

}  // namespace liaison::wire
