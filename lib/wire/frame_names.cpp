#include "wire/frame.h"

namespace liaison::wire {
namespace {

struct Row {
  Meaning meaning;
  const char* name;
  const char* sentence;
};

Row row_of(RefusalReason reason) {
  using enum RefusalReason;
  switch (reason) {
    case malformed:
      return {Meaning::final_, "malformed",
              "The message was not in a form that the exchange reads; it was not sent."};
    case too_large:
      return {Meaning::final_, "too_large",
              "The message is larger than the exchange carries; send it in smaller parts."};
    case wrong_sender:
      return {Meaning::final_, "wrong_sender",
              "The message named another sender than the one who sent it."};
    case unknown_recipient:
      return {Meaning::final_, "unknown_recipient",
              "No such organisation is on the exchange; check its id."};
    case recipient_revoked:
      return {Meaning::final_, "recipient_revoked",
              "The organisation has left the exchange; reach it another way."};
    case not_permitted:
      return {Meaning::final_, "not_permitted",
              "The exchange's rules do not let you write to this organisation."};
    case expired:
      return {Meaning::final_, "expired",
              "The message was not fetched in time and has come back; reach them another way."};
    case expiry_too_far:
      return {Meaning::reseal, "expiry_too_far",
              "The message asked to wait longer than the exchange keeps mail; it is sent anew."};
    case id_reused:
      return {Meaning::final_, "id_reused",
              "Another message was accepted under the same number before; this one was not."};
    case key_replaced:
      return {Meaning::reseal, "key_replaced",
              "The recipient has changed its key; the message is sealed anew by itself."};
    case key_unknown:
      return {Meaning::retry, "key_unknown",
              "The exchange does not know the recipient's key yet; the message is tried again."};
    case sender_quota:
      return {Meaning::retry, "sender_quota",
              "Too much of yours is waiting on the exchange; the message is tried again."};
    case mailbox_full:
      return {Meaning::retry, "mailbox_full",
              "The recipient's mailbox is full; the message is tried again. Ring them."};
    case recovering:
      return {Meaning::retry, "recovering",
              "The exchange was restored and is catching up; the message is tried again."};
    case busy:
      return {Meaning::retry, "busy", "The exchange is busy; the message is tried again."};
    case unopenable:
      return {
          Meaning::final_, "unopenable",
          "The recipient could not open the message; ask its administrator, and send it again."};
    case no_such_key:
      return {Meaning::reseal, "no_such_key",
              "The recipient no longer has that key; the message is sealed anew by itself."};
  }
  return {Meaning::final_, "unknown", "The exchange refused the message."};
}

}  // namespace

Meaning meaning_of(RefusalReason reason) {
  return row_of(reason).meaning;
}
const char* sentence_for(RefusalReason reason) {
  return row_of(reason).sentence;
}
const char* name_of(RefusalReason reason) {
  return row_of(reason).name;
}

const char* name_of(GoodbyeReason reason) {
  switch (reason) {
    case GoodbyeReason::stopping:
      return "stopping";
    case GoodbyeReason::replaced:
      return "replaced";
    case GoodbyeReason::revoked:
      return "revoked";
    case GoodbyeReason::version:
      return "version";
    case GoodbyeReason::wrong_node:
      return "wrong_node";
    case GoodbyeReason::strikes:
      return "strikes";
    case GoodbyeReason::renew_only:
      return "renew_only";
  }
  return "unknown";
}

}  // namespace liaison::wire
