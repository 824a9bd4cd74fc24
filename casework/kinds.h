#pragma once

#include <type_traits>

#include "wire/event.h"

namespace liaison::casework {

namespace detail {
template <class Kind, class Variant>
struct index_of;
template <class Kind, class... Kinds>
struct index_of<Kind, std::variant<Kinds...>> {
  static constexpr std::size_t value = [] {
    std::size_t index = 0;
    static_cast<void>(((std::is_same_v<Kind, Kinds> ? true : (++index, false)) || ...));
    return index;
  }();
  static_assert(value < sizeof...(Kinds), "not a kind of event");
};
}  // namespace detail

/// A kind's place in wire::EventBody. 0 is events::Unknown.
template <class Kind>
inline constexpr std::size_t kind_of = detail::index_of<Kind, wire::EventBody>::value;

/// Said by others than the strand's decider; takes effect when one of the decider's events cites it.
bool is_proposal(const wire::EventBody& body);
/// Which strand a kind belongs to; `refused` and `taken` are at home in several.
bool belongs_in(const wire::EventBody& body, wire::StrandKind strand);

}  // namespace liaison::casework
