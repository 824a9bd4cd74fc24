#include "node/desk/testing/office.h"

#include <catch2/catch.hpp>

#include "certs/authority.h"
#include "crypto/password.h"
#include "node/desk/people_store.h"
#include "node/desk/routes.h"
#include "node/shell/join.h"
#include "node/shell/schema.h"
#include "store/database.h"
#include "store/failure.h"

namespace liaison::node::testing {

namespace {

NodeId jcp_leeds() {
  return NodeId::parse("jcp-leeds").value();
}

DeskConfig of_leeds(DeskConfig config) {
  config.cookie.node = jcp_leeds();
  return config;
}

}  // namespace

Office::Office(const std::vector<DeskRoute>& routes, DeskConfig config)
    : loop({scratch.path(), nullptr, false}, engine()),
      desk(loop, entropy, of_leeds(std::move(config))),
      server({}, desk.router(routes), desk.gate(routes)),
      thread([this] {
        try {
          loop.run();
        } catch (const store::Failure&) {
          // A disk that fails ends the loop, as it ends the program.
        }
      }) {
  add("dana", wire::UserRole::adviser);
  add("lena", wire::UserRole::manager);
  add("root", wire::UserRole::administrator);
  server.start();
}

Office::~Office() {
  loop.stop();
  thread.join();
  desk.changes()->close();
  server.stop();
}

std::unique_ptr<Engine> Office::engine() {
  const auto now = system_now();
  const auto authority = certs::Authority::make("An invented exchange", now.wall);
  certs::Invitation invitation;
  invitation.node = jcp_leeds();
  invitation.exchange = {"tcp://127.0.0.1:1"};
  invitation.authority = authority.certificate().fingerprint();
  invitation.broker = crypto::CurvePair::generate().public_key();
  auto keys = crypto::KeyVault::in_memory();
  const auto request = crypto::CertificateRequest::parse(prepare_join(keys, invitation).request);
  const auto certificate =
      authority.issue(*request, {invitation.node, "Leeds", NodeRole::adviser, {}}, now.wall);
  auto database = std::make_unique<store::Database>(
      store::Options{.path = "node.db", .vfs = disk.vfs()}, schema());
  REQUIRE(complete_join(*database, keys, invitation,
                        {authority.certificate().der(), certificate->der()}, now));
  return std::make_unique<Engine>(EngineConfig{}, std::move(database), std::move(keys), entropy,
                                  now);
}

void Office::add(const std::string& name, wire::UserRole role) {
  loop.call([&](Engine& node, Now now) {
    Person person;
    person.name = name;
    person.display_name = name;
    person.role = role;
    PeopleStore people(node.database_for_writing());
    REQUIRE(people.add(person, crypto::hash_password("correct horse", {1024, 1, 1})));
    tokens[name] = people.make_token(name, Scope::all, token_life, entropy, now.wall)->token;
    tokens[name + ", reading"] =
        people.make_token(name, Scope::read, token_life, entropy, now.wall)->token;
  });
}

web::Response Office::as(const std::string& name, web::Method method, const std::string& path,
                         const std::string& body, const std::vector<web::Header>& headers) {
  web::Client client(server.url());
  if (!name.empty()) client.set_bearer_token(tokens[name]);
  auto answer = client.request(method, path, body, "application/json", headers);
  REQUIRE(answer);
  return *answer;
}

std::vector<web::Header> key(const std::string& value) {
  return {{"Idempotency-Key", value}};
}

}  // namespace liaison::node::testing
