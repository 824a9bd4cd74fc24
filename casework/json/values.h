#pragma once

// Private to json/: the events' values as JSON.

#include <nlohmann/json.hpp>

#include "casework/case_view.h"

namespace liaison::casework {

using Json = nlohmann::json;

/// null for nothing.
Json json_of(const std::optional<Date>& date);
Json json_of(const std::optional<Instant>& at);
Json json_of(const std::optional<EventId>& id);
Json json_of(const Person& person);
Json json_of(const wire::Ground& ground);
Json json_of(const wire::Item& item);
Json json_of(const wire::Attachment& attachment);
Json json_of(const wire::Due& due);
Json json_of(const wire::events::Meeting& meeting);
Json json_of(const wire::events::ExitReport& report);
/// What a history shows of an event's content, by kind.
Json detail_of(const wire::EventBody& body);

template <class T>
Json list_of(const std::vector<T>& values) {
  Json out = Json::array();
  for (const T& value : values)
    out.push_back(json_of(value));
  return out;
}

}  // namespace liaison::casework
