#include "bench/member.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/check.h"
#include "crypto/random.h"
#include "crypto/request.h"
#include "net/poller.h"
#include "wire/join.h"

namespace liaison::bench {

Identity join(net::Context& context, const certs::Invitation& invitation) {
  Identity identity;
  identity.node = invitation.node;
  identity.broker = invitation.broker;
  identity.exchange = invitation.exchange;
  identity.log_keys = invitation.log_keys;
  auto witness = crypto::Ed25519Key::generate();
  auto request = crypto::CertificateRequest::make(
      identity.signing, identity.node, identity.curve.public_key(), witness.public_key());
  wire::JoinRequest join_request;
  join_request.node = identity.node;
  join_request.secret = Digest::from(invitation.secret.view()).value();
  join_request.request = request.der;
  join_request.curve_key = identity.curve.public_key();
  join_request.witness_key = Digest::from(witness.public_key().view()).value();

  crypto::SystemEntropy entropy;
  net::ClientOptions options;
  options.addresses = invitation.joining;
  options.server_key = invitation.broker;
  options.secret_key = identity.curve.secret().clone();
  net::ExchangeClient client(context, std::move(options), entropy);
  net::Poller poller;
  poller.add(client);
  std::optional<wire::Joined> joined;
  const Duration give_up = system_now().steady + std::chrono::seconds(30);
  while (!joined) {
    Now now = system_now();
    if (now.steady > give_up)
      throw std::runtime_error("the broker did not answer a request to join in 30 s");
    for (auto happened = client.step(now.steady);
         happened != net::ExchangeClient::Happened::nothing; happened = client.step(now.steady)) {
      if (happened == net::ExchangeClient::Happened::connected)
        client.send(wire::encode(join_request));
    }
    client.receive(1, [&](ByteView frame) {
      auto answer = wire::decode_join_answer(frame);
      if (!answer) throw std::runtime_error(answer.error().text);
      if (const auto* refused = std::get_if<std::string>(&*answer))
        throw std::runtime_error(*refused);
      if (const auto* given = std::get_if<wire::Joined>(&*answer)) joined = *given;
    });
    if (!joined) poller.wait(Duration(20));
  }
  identity.authority = crypto::Certificate::parse(joined->authority).value();
  identity.signing_certificate = crypto::Certificate::parse(joined->certificate).value();
  identity.sealing_certificate =
      crypto::issue_sealing(identity.sealing.public_key(), identity.signing,
                            *identity.signing_certificate, system_now().wall);
  return identity;
}

namespace {

net::ClientOptions options_for(const Identity& identity) {
  net::ClientOptions options;
  options.addresses = identity.exchange;
  options.server_key = identity.broker;
  options.secret_key = identity.curve.secret().clone();
  return options;
}

}  // namespace

Member::Member(net::Context& context, const Identity& identity, Entropy& entropy,
               std::uint32_t credit_letters)
    : identity_(identity),
      credit_letters_(credit_letters),
      client_(context, options_for(identity), entropy) {}

void Member::send(const wire::Frame& frame) {
  outgoing_.push_back(wire::encode(frame));
  flush();
}

void Member::flush() {
  while (!outgoing_.empty() && client_.send(ByteView(outgoing_.front())))
    outgoing_.pop_front();
}

void Member::step(const std::function<void(const wire::Frame&)>& take) {
  Now now = system_now();
  for (auto happened = client_.step(now.steady); happened != net::ExchangeClient::Happened::nothing;
       happened = client_.step(now.steady)) {
    if (happened == net::ExchangeClient::Happened::disconnected) welcomed_ = false;
    if (happened != net::ExchangeClient::Happened::connected) continue;
    wire::Hello hello;
    hello.node = identity_.node;
    hello.clock = now.wall;
    hello.software = "liaison-bench";
    hello.credit_letters = credit_letters_;
    hello.credit_bytes = std::uint64_t{1} << 40;
    outgoing_.clear();
    outgoing_.push_back(wire::encode(wire::Frame(hello)));
  }
  flush();
  client_.receive(64, [&](ByteView bytes) {
    auto frame = wire::decode_frame(bytes);
    if (!frame)
      throw std::runtime_error("the broker sent a frame that cannot be read: " +
                               frame.error().text);
    if (const auto* welcome = std::get_if<wire::Welcome>(&*frame)) {
      welcomed_ = true;
      epoch_ = welcome->epoch;
      if (publishes_ && !published_) {
        outgoing_.push_back(wire::encode(wire::Frame(
            std::vector<wire::Publication>{{wire::EntryKind::sealing_certificate,
                                            copy_of(identity_.sealing_certificate->der())}})));
        flush();
      }
    } else if (const auto* published = std::get_if<std::vector<wire::Published>>(&*frame)) {
      for (const auto& one : *published) {
        if (const auto* refused = std::get_if<std::string>(&one.result))
          throw std::runtime_error(*refused);
      }
      published_ = true;
    } else if (const auto* goodbye = std::get_if<wire::Goodbye>(&*frame)) {
      if (goodbye->reason != wire::GoodbyeReason::stopping)
        throw std::runtime_error("goodbye: " + goodbye->text);
    } else if (!std::holds_alternative<wire::Entries>(*frame)) {
      take(*frame);
    }
  });
}

bool step_until(const std::vector<std::unique_ptr<Member>>& members, Duration patience,
                const std::function<bool()>& done) {
  net::Poller poller;
  for (const auto& member : members)
    poller.add(member->client());
  const Duration give_up = system_now().steady + patience;
  while (!done()) {
    if (system_now().steady > give_up) return false;
    for (const auto& member : members)
      member->step([](const wire::Frame&) {});
    if (!done()) poller.wait(Duration(5));
  }
  return true;
}

Crowd make_crowd(BrokerProcess& broker, net::Context& context, Entropy& entropy, std::size_t count,
                 std::uint32_t credit_letters, const std::string& prefix) {
  Crowd crowd;
  for (std::size_t i = 0; i < count; ++i) {
    auto node = NodeId::parse(fmt::format("{}-{}", prefix, i)).value();
    auto role = i % 2 == 0 ? NodeRole::adviser : NodeRole::provider;
    crowd.identities.push_back(
        std::make_unique<Identity>(join(context, broker.invite(node, role))));
    crowd.members.push_back(
        std::make_unique<Member>(context, *crowd.identities.back(), entropy, credit_letters));
    crowd.members.back()->publish_sealing_key();
  }
  auto all_ready = [&] {
    for (const auto& member : crowd.members) {
      if (!member->is_ready()) return false;
    }
    return true;
  };
  if (!step_until(crowd.members, std::chrono::seconds(120), all_ready)) {
    throw std::runtime_error("not every node was welcomed by the broker within 120 s");
  }
  return crowd;
}

}  // namespace liaison::bench
