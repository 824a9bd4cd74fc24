#pragma once

#include <cstddef>

/// Limits of events, as schemas/casework.capnp states them. Octets unless named otherwise.
namespace liaison::wire::events {

inline constexpr std::size_t line_max = 200;
inline constexpr std::size_t text_max = 8 * 1024;
inline constexpr std::size_t list_max = 64;  ///< entries
inline constexpr std::size_t listing_text_max = 16 * 1024;
inline constexpr std::size_t item_value_max = text_max;
inline constexpr std::size_t item_values_max = 32;  ///< entries
inline constexpr std::size_t hope_max = 1000;
inline constexpr std::size_t hopes_max = 16;     ///< entries
inline constexpr std::size_t outcomes_max = 16;  ///< entries
inline constexpr std::size_t dues_max = 16;      ///< entries
inline constexpr std::size_t address_lines_max = 8;
inline constexpr std::size_t attachments_max = 32;
inline constexpr std::size_t attachment_max = 5 * 1024 * 1024;
inline constexpr std::size_t attachment_parts_max = 64;
inline constexpr std::size_t summary_referrals_max = 1024;

}  // namespace liaison::wire::events
