#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace liaison::simulation {

/// The word that stands in every client's name and detail of a run, so that one search finds any.
inline constexpr std::string_view planted_word = "Quimblethwaite";

/// Looks for the planted word in octets, in the forms it could leak in: plain, any case of
/// hexadecimal, base64 at each of its three alignments, UTF-16 of either order. (JSON escapes none
/// of its letters.) The form it was found in, or empty.
std::string find_planted(ByteView octets);
/// The plain form alone, for what is looked at often.
bool has_planted_plain(ByteView octets);

}  // namespace liaison::simulation
