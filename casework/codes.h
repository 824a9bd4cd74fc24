#pragma once

#include <span>
#include <string>
#include <string_view>

#include "casework/text.h"
#include "wire/event.h"

/// The codes by which programs and JSON call the values of the events' enumerations; one table
/// each. parse: malformed, naming what was given and the codes there are.
namespace liaison::casework {

const char* name_of(wire::Handling value);
const char* name_of(wire::Basis value);
const char* name_of(wire::Standard value);
const char* name_of(wire::events::Route value);
const char* name_of(wire::events::Urgency value);
const char* name_of(wire::events::Refusal value);
const char* name_of(wire::events::DeclineReason value);
const char* name_of(wire::events::Progress value);
const char* name_of(wire::events::NotAttended value);
const char* name_of(wire::events::Hope value);
const char* name_of(wire::events::OutcomeCode value);
const char* name_of(wire::events::EndReason value);
const char* name_of(wire::events::WithdrawnBy value);

/// `parse<wire::Basis>("agreed")`; also takes spaces and hyphens for underscores.
template <class T>
Result<T> parse(std::string_view text);

/// All codes of an enumeration, for help texts: "no_capacity, out_of_area, ..."
template <class T>
std::string codes_of();

}  // namespace liaison::casework
