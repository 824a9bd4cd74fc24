#pragma once

#include <cstddef>

/// Limits of the wire, as docs/PROTOCOL.md and the schemas state them. In octets unless named
/// otherwise.
namespace liaison::wire {

inline constexpr std::size_t frame_bytes_max = 1024 * 1024;
inline constexpr std::size_t letter_bytes_max = 512 * 1024;  ///< of `sealed`
inline constexpr std::size_t letters_per_frame_max = 256;
inline constexpr std::size_t answers_per_frame_max = 4096;  ///< accepted, refused, taken, setAside
inline constexpr std::size_t publications_per_frame_max = 64;
inline constexpr std::size_t publication_bytes_max = 256 * 1024;
inline constexpr std::size_t published_list_bytes_max = 512 * 1024;  ///< of revocations
inline constexpr std::size_t entries_per_frame_max = 1024;
inline constexpr std::size_t certificate_bytes_max = 8 * 1024;
inline constexpr std::size_t text_line_max = 200;
inline constexpr std::size_t events_per_letter_max = 256;
inline constexpr std::size_t event_bytes_max = 128 * 1024;
inline constexpr std::size_t receipts_per_letter_max = 1024;
inline constexpr std::size_t part_bytes_max = 384 * 1024;
inline constexpr std::size_t parts_max = 64;
inline constexpr std::size_t have_max = 8192;
inline constexpr std::size_t listing_text_max = 128 * 1024;
inline constexpr std::size_t checkpoint_bytes_max = 8 * 1024;
inline constexpr std::size_t cosignature_bytes_max = 512;  ///< a line
inline constexpr std::size_t leaves_per_prove_max = 512;
inline constexpr std::size_t older_per_prove_max = 16;
/// Of 512 entries in any log: what they need below a tree of 64 levels.
inline constexpr std::size_t growth_hashes_max = 29 * 1024;
inline constexpr std::size_t consistency_hashes_max = 64;
inline constexpr std::size_t key_alarms_max = 4;  ///< in a letter
inline constexpr std::size_t key_alarm_bytes_max = 512;
inline constexpr int nesting_max = 16;

}  // namespace liaison::wire
