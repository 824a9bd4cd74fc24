#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/events/referral.h"

/// Events of the lead office's own record: never leave that office but with the lead.
namespace liaison::wire::events {

/// The only way to reach a client whose handling is safe contact.
struct SafeContact {
  std::string channel;  ///< "mobile 07700 900123", "through her sister"
  std::string times;
  bool may_leave_message = false;
  friend bool operator==(const SafeContact&, const SafeContact&) = default;
};

/// Who acts for the client.
struct ActsFor {
  std::string name;
  std::string capacity;  ///< appointee, attorney, representative, advocate
  std::string powers;
  std::string contact;
  std::optional<Date> until;
  friend bool operator==(const ActsFor&, const ActsFor&) = default;
};

/// What the lead office knows of the client. Empty: not known.
struct ClientRecord {
  std::string given_name;
  std::string family_name;
  std::string known_as;
  std::optional<Date> date_of_birth;
  std::string national_insurance_number;  ///< two letters, six digits, A to D; no spaces
  std::string phone;
  std::string email;
  std::vector<std::string> address;  ///< lines, without the postcode
  std::string postcode;
  std::vector<std::string> needs;  ///< of casework/needs.h
  std::string needs_text;          ///< free text beside it
  std::string language = "en";     ///< BCP 47
  std::vector<std::string>
      communication;           ///< bsl, relay, large_print, easy_read, welsh_spoken, ...
  std::string caring;          ///< caring and childcare
  std::string travel;          ///< how far, by what, who pays fares
  std::string permitted_work;  ///< the limit, if any
  std::string preferred_times;
  std::optional<SafeContact> safe_contact;
  std::optional<ActsFor> acts_for;
  friend bool operator==(const ClientRecord&, const ClientRecord&) = default;
};

struct ClientRecorded {
  ClientRecord client;
  friend bool operator==(const ClientRecorded&, const ClientRecorded&) = default;
};

/// The whole record as it stands after the change, so that no edit depends on another.
struct ClientEdited {
  ClientRecord client;
  std::vector<std::string> changed;  ///< names of the fields that differ
  friend bool operator==(const ClientEdited&, const ClientEdited&) = default;
};

/// A referral being written; the last with one `referral` stands until it is requested.
struct ReferralDrafted {
  ReferralId referral;
  Requested request;
  friend bool operator==(const ReferralDrafted&, const ReferralDrafted&) = default;
};

struct NoteWritten {
  std::string text;
  friend bool operator==(const NoteWritten&, const NoteWritten&) = default;
};

}  // namespace liaison::wire::events
