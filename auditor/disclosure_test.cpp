#include "auditor/disclosure.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/testing/temporary_directory.h"
#include "broker/program/export.h"
#include "broker/shell/testing/broker.h"
#include "crypto/envelope.h"
#include "crypto/signed_data.h"
#include "crypto/testing/collision.h"
#include "crypto/testing/forge.h"
#include "wire/letter.h"
#include "wire/mark.h"

using namespace liaison;
using namespace liaison::auditor;
using namespace liaison::broker::testing;

namespace {

/// An exchange of two whose letters are sealed, and its export.
struct Exchange : Two {
  explicit Exchange(const char* name) : Two(name) {}

  /// What an office says to a provider in one letter.
  wire::Content content(std::uint8_t number) {
    wire::Event event;
    event.id.octets[0] = number;
    event.id = wire::marked(event.id, leeds.id);
    event.case_id.octets[0] = 7;
    event.strand.kind = wire::StrandKind::referral;
    event.strand.id.octets[2] = 3;
    event.strand.id = wire::marked(event.strand.id, leeds.id);
    event.author = leeds.id;
    event.at = broker.now.wall;
    event.body = wire::events::Answered{"her knee hurts"};
    wire::SignedEvent said;
    said.body = wire::encode(event);
    said.certificate = leeds.certificate->fingerprint();
    said.signature = leeds.signing.sign(wire::signed_bytes_of_event(said.body));
    wire::Content out;
    out.letter.octets[0] = number;
    out.sender = leeds.id;
    out.recipient = able.id;
    out.sealed_at = broker.now.wall;
    out.matter = std::vector<wire::SignedEvent>{said};
    return out;
  }
  Bytes signed_data(const wire::Content& said) const {
    return crypto::make_signed_data(wire::encode(said), leeds.signing, *leeds.certificate,
                                    broker.now.wall);
  }
  /// Sends what was sealed as that letter, and discloses it.
  audit::Disclosure send(const LetterId& id, Bytes sealed, const Commitment& commitment,
                         Secret key) {
    auto letter = leeds.letter(able, 1, broker.now.wall);
    letter.id = id;
    letter.sealed = sealed;
    letter.commitment = commitment;
    broker.send(1, leeds, std::vector<wire::Letter>{std::move(letter)});
    broker.turn();
    REQUIRE(broker.heard_items<wire::Accepted>(1).size() == 1);
    return {id, std::move(key), std::move(sealed)};
  }
  audit::Disclosure send(const wire::Content& said, ByteView inside) {
    auto made = crypto::make_envelope(inside, *able.sealed_by);
    return send(said.letter, std::move(made.der), made.commitment, std::move(made.content_key));
  }
  audit::Disclosure send(const wire::Content& said) { return send(said, signed_data(said)); }

  void write_export(const std::string& name) {
    for (int second = 0; second < 2; ++second) {
      broker.turn();
      broker.now.wall += std::chrono::seconds(2);
      broker.now.steady += std::chrono::seconds(2);
    }
    broker.turn();
    liaison::broker::ExportInPieces pieces(*broker.engine, root.path() / name);
    std::optional<Result<void>> done;
    while (!done)
      done = pieces.step();
    REQUIRE(*done);
  }
  Result<nlohmann::json> check(const audit::Disclosure& disclosure, const std::string& name) const {
    return check_disclosure(disclosure, root.path() / name, {});
  }
  /// Why it does not hold.
  std::string wrong(const audit::Disclosure& disclosure) const {
    const auto checked = check(disclosure, "out");
    return checked ? "" : checked.error().text;
  }

  liaison::testing::TemporaryDirectory root;
};

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a disclosed letter is shown to be the logged one, with its signer and what it says",
          "[auditor]") {
  Exchange exchange("disclosed");
  const auto accepted_at = exchange.broker.now.wall;
  const auto disclosure = exchange.send(exchange.content(1));
  exchange.send(exchange.content(2));
  exchange.write_export("out");
  const auto checked = exchange.check(disclosure, "out");
  REQUIRE(checked);
  const auto& told = *checked;
  CHECK(told["holds"] == true);
  CHECK(told["letter"] == disclosure.letter.text());
  CHECK(told["sender"] == "jcp-leeds");
  CHECK(told["recipient"] == "able-futures");
  CHECK(told["message_entry"] == 0);
  CHECK(told["accepted_at"] == to_rfc3339(accepted_at));
  CHECK(told["sha256"] == crypto::sha256(disclosure.sealed).text());
  CHECK(told["certificate_held"] == true);
  CHECK(told["signed_by"]["node"] == "jcp-leeds");
  CHECK(told["signed_by"]["organisation"] == "Organisation of jcp-leeds");
  CHECK(told["signed_by"]["certificate"] == exchange.leeds.certificate->fingerprint().text());
  REQUIRE(told["content"]["events"].size() == 1);
  const auto& event = told["content"]["events"][0];
  CHECK(event["kind"] == "answered");
  CHECK(event["said"]["text"] == "her knee hurts");
  CHECK(event["holds"] == true);
  CHECK(event["signed_by"] == "Organisation of jcp-leeds");
  // As a file, too.
  const auto read = audit::parse_disclosure(audit::encode(disclosure));
  REQUIRE(read);
  CHECK(exchange.check(*read, "out").value() == told);
}

TEST_CASE("a second key that opens the same ciphertext to another text is refused", "[auditor]") {
  Exchange exchange("second-key");
  const auto said = exchange.content(1);
  auto inside = exchange.signed_data(said);
  inside.resize(4096);
  auto made = crypto::make_envelope(inside, *exchange.able.sealed_by);
  const auto& first = made.content_key;
  Bytes other(32, 0x42);
  const Secret second(std::move(other));
  crypto::testing::Letter letter(made.der);
  const auto nonce = letter.algorithm()[1][0].content;
  auto& ciphertext = letter.ciphertext().content;
  crypto::testing::make_collision(first, second, nonce, ciphertext, 200);
  letter.tag().content = crypto::testing::tag_of(first, nonce, ciphertext);
  const auto sealed = letter.der();
  // To AES-GCM either key is good, and they read differently.
  Bytes read_first(4096);
  Bytes read_second(4096);
  const auto& tag = letter.tag().content;
  REQUIRE(crypto::gcm_decrypt(first.view(), nonce, {}, ciphertext, tag, read_first));
  REQUIRE(crypto::gcm_decrypt(second.view(), nonce, {}, ciphertext, tag, read_second));
  REQUIRE(read_first != read_second);

  auto disclosure = exchange.send(said.letter, sealed, made.commitment, first.clone());
  exchange.write_export("out");
  disclosure.content_key = second.clone();
  CHECK(says(exchange.wrong(disclosure), "a second key was made"));
  // By the key that was committed to it is what it is: a letter with something in its padding.
  disclosure.content_key = first.clone();
  CHECK(says(exchange.wrong(disclosure), "padding"));
}

TEST_CASE("a disclosure that was altered anywhere does not hold", "[auditor]") {
  Exchange exchange("altered");
  const auto disclosure = exchange.send(exchange.content(1));
  exchange.send(exchange.content(2));
  exchange.write_export("out");
  const auto text = audit::encode(disclosure);
  REQUIRE(exchange.check(audit::parse_disclosure(text).value(), "out"));
  std::size_t turned = 0;
  const auto sealed_at = text.find("sealed\n");
  for (std::size_t at = 0; at < text.size(); at += at < sealed_at ? 1 : 13) {
    auto other = text;
    other[at] = static_cast<char>(other[at] ^ 0x01);
    const auto read = audit::parse_disclosure(other);
    if (!read) continue;
    INFO("at " << at);
    CHECK_FALSE(exchange.check(*read, "out"));
    ++turned;
  }
  CHECK(turned > 50);
  auto octets = audit::parse_disclosure(text).value();
  for (const std::size_t at : {std::size_t{0}, std::size_t{40}, octets.sealed.size() - 1}) {
    octets.sealed[at] ^= 1U;
    CHECK(says(exchange.wrong(octets), "not those that entry 0 logged"));
    octets.sealed[at] ^= 1U;
  }
}

TEST_CASE("what is of another exchange, or came later, is not in an export", "[auditor]") {
  Exchange exchange("disclosed-here");
  Exchange other("disclosed-there");
  const auto elsewhere = other.send(other.content(1));
  exchange.send(exchange.content(2));
  exchange.write_export("out");
  const auto later = exchange.send(exchange.content(3));
  CHECK(says(exchange.wrong(elsewhere), "no letter of that id"));
  CHECK(says(exchange.wrong(later), "no letter of that id"));
  exchange.write_export("again");
  CHECK(exchange.check(later, "again"));
  // The same id there, and other octets.
  exchange.send(exchange.content(1));
  exchange.write_export("third");
  const auto alike = exchange.check(elsewhere, "third");
  REQUIRE_FALSE(alike);
  CHECK(says(alike.error().text, "not those that entry 2 logged"));
  CHECK(says(exchange.check(later, "nowhere").error().text, "the export"));
}

TEST_CASE("a letter whose inside is not its sender's own does not hold", "[auditor]") {
  Exchange exchange("inside");
  // Padding with something in it, and a signature that does not hold.
  auto padded = exchange.signed_data(exchange.content(1));
  padded.resize(padded.size() + 64);
  const auto zeros = exchange.send(exchange.content(1), padded);
  padded.back() = 1;
  const auto with_something = exchange.send(exchange.content(2), padded);
  auto tree = crypto::testing::read_tree(exchange.signed_data(exchange.content(3)));
  tree[1][0][4][0][5].content.back() ^= 1U;
  const auto forged = exchange.send(exchange.content(3), tree.der());
  // Meant for another letter, and for another recipient.
  const auto moved = exchange.send(exchange.content(4), exchange.signed_data(exchange.content(5)));
  auto passed_on = exchange.content(6);
  passed_on.recipient = exchange.leeds.id;
  const auto for_another = exchange.send(passed_on);
  // Signed by another member, and by somebody whom the exchange never had.
  const auto by = [&](std::uint8_t number, const crypto::PrivateKey& key,
                      const crypto::Certificate& certificate) {
    const auto said = exchange.content(number);
    return exchange.send(said, crypto::make_signed_data(wire::encode(said), key, certificate,
                                                        exchange.broker.now.wall));
  };
  const auto by_able = by(7, exchange.able.signing, *exchange.able.certificate);
  const auto stranger_key = crypto::PrivateKey::generate();
  const auto stranger = crypto::issue_signing(
      stranger_key.public_key(), *crypto::read_signing(*exchange.leeds.certificate), stranger_key,
      *exchange.leeds.certificate, exchange.broker.now.wall);
  const auto by_stranger = by(8, stranger_key, stranger);
  exchange.write_export("out");
  CHECK(exchange.wrong(zeros).empty());
  CHECK(says(exchange.wrong(with_something), "padding or signature does not hold"));
  CHECK(says(exchange.wrong(forged), "padding or signature does not hold"));
  CHECK(says(exchange.wrong(moved), "not meant for this letter"));
  CHECK(says(exchange.wrong(for_another), "not meant for this letter"));
  CHECK(says(exchange.wrong(by_able), "signed by able-futures"));
  CHECK(says(exchange.wrong(by_stranger), "not in the registry log"));
}

TEST_CASE("an event that its author did not sign is told as what it is", "[auditor]") {
  Exchange exchange("author");
  auto said = exchange.content(1);
  auto& event = std::get<std::vector<wire::SignedEvent>>(said.matter).front();
  event.signature = exchange.able.signing.sign(wire::signed_bytes_of_event(event.body));
  auto other = exchange.content(2);
  std::get<std::vector<wire::SignedEvent>>(other.matter).front().certificate.octets[0] ^= 1U;
  auto third = exchange.content(3);
  std::get<std::vector<wire::SignedEvent>>(third.matter).front().body.resize(8);
  const auto first = exchange.send(said);
  const auto second = exchange.send(other);
  const auto broken = exchange.send(third);
  exchange.write_export("out");
  for (const auto* disclosure : {&first, &second, &broken}) {
    const auto checked = exchange.check(*disclosure, "out");
    REQUIRE(checked);
    const auto& shown = (*checked)["content"]["events"][0];
    CHECK(shown["holds"] == false);
    CHECK_FALSE(shown.contains("signed_by"));
  }
  CHECK(exchange.check(broken, "out").value()["content"]["events"][0]["kind"] == "unreadable");
}

TEST_CASE("receipts and questions can be disclosed, with what became of them", "[auditor]") {
  Exchange exchange("receipts");
  auto said = exchange.content(1);
  wire::Receipt receipt;
  receipt.letter.octets[3] = 9;
  receipt.stage = wire::Stage::opened;
  receipt.at = exchange.broker.now.wall;
  said.matter = std::vector<wire::Receipt>{receipt};
  const auto disclosure = exchange.send(said);
  exchange.broker.turn();
  const auto delivered = exchange.broker.heard_items<wire::Delivery>(2);
  REQUIRE(delivered.size() == 1);
  exchange.broker.send(2, exchange.able,
                       std::vector<wire::Taken>{{delivered.front().sequence, disclosure.letter}});
  exchange.write_export("out");
  const auto checked = exchange.check(disclosure, "out");
  REQUIRE(checked);
  CHECK((*checked)["content"]["receipts"][0]["letter"] == receipt.letter.text());
  CHECK((*checked)["content"]["receipts"][0]["state"] == "opened");
  REQUIRE((*checked)["became"].size() == 1);
  CHECK((*checked)["became"][0]["kind"] == "taken");
}
