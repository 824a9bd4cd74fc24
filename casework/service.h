#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "casework/actor.h"

namespace liaison::casework {

/// Something a service asks for when a client is referred to it.
struct IntakeRequirement {
  std::string id;    ///< key in a referral's answers: "effects_on_daily_life"
  std::string text;  ///< as asked
  bool required = false;
  friend bool operator==(const IntakeRequirement&, const IntakeRequirement&) = default;
};

struct ServicePlace {
  std::string name;
  std::string address;  ///< one line
  std::string postcode;
  std::optional<double> latitude;
  std::optional<double> longitude;
  friend bool operator==(const ServicePlace&, const ServicePlace&) = default;
};

struct ServiceContact {
  std::string name;
  std::string role;
  std::string phone;
  std::string email;
  friend bool operator==(const ServiceContact&, const ServiceContact&) = default;
};

/// A listing of the directory, read from Open Referral UK 3.0 JSON (json/service_json.h): what is
/// searched and shown. The JSON stays the whole truth.
struct Service {
  NodeId provider;            ///< who published it
  std::string id;             ///< its id there
  std::uint32_t version = 0;  ///< of the publication
  Instant published_at{};
  bool closed = false;
  std::string name;
  std::string organisation;
  std::string description;
  std::string status;  ///< active, inactive, defunct, temporarily closed
  std::string url;
  std::string email;
  std::string eligibility;
  std::optional<int> minimum_age;
  std::optional<int> maximum_age;
  std::string fees;
  std::string accessibility;
  std::vector<std::string> languages;
  std::vector<std::string> areas;
  std::vector<ServicePlace> places;
  std::vector<ServiceContact> contacts;
  std::vector<std::string> schedules;  ///< one line each
  std::vector<std::string> terms;      ///< names of its taxonomy terms
  std::optional<Date> assured;         ///< last confirmed

  // What Liaison adds, under "liaison".
  std::vector<std::string> needs;  ///< of needs.h
  std::string needs_text;
  std::string kind;  ///< "condition management", "job broking", ...
  bool contracted = false;
  std::vector<IntakeRequirement> intake;
  std::string how_to_refer;
  std::string how_to_complain;
  std::optional<int> reply_time_days;  ///< usual, in working days
  std::optional<int> places_free;
  std::optional<int> places_total;
  std::string expected_wait;  ///< "starts 12 May", "two weeks"
  int review_interval_days = 90;
  std::optional<Date> closing_date;
  friend bool operator==(const Service&, const Service&) = default;
};

}  // namespace liaison::casework
