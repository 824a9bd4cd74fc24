#pragma once

#include <iterator>
#include <string>

namespace liaison::node {

/// Fewer characters of an id name nothing.
inline constexpr std::size_t prefix_characters_min = 6;

template <class Map>
struct ByPrefix {
  typename Map::const_iterator at;  ///< end: there is none
  bool several = false;             ///< more than one begins so
};

/// What stands under the id `text`, or under one that begins so, in an ordered map by ids. It does
/// not walk through the map: the texts of ids are in the order of the ids.
template <class Map>
ByPrefix<Map> by_prefix(const Map& map, const std::string& text) {
  using Id = typename Map::key_type;
  constexpr std::size_t characters = 2 * Id::size;
  const ByPrefix<Map> none{map.end(), false};
  if (text.size() < prefix_characters_min || text.size() > characters) return none;
  const auto lowest = Id::parse(text + std::string(characters - text.size(), '0'));
  if (!lowest) return none;
  const auto begins = [&](auto at) {
    return at != map.end() && at->first.text().compare(0, text.size(), text) == 0;
  };
  const auto at = map.lower_bound(*lowest);
  if (!begins(at)) return none;
  return {at, begins(std::next(at))};
}

}  // namespace liaison::node
