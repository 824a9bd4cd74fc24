#include "casework/attachments.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "casework/codes.h"
#include "casework/text.h"
#include "wire/events/limits.h"

namespace liaison::casework {
namespace {

using wire::AttachmentKind;

static_assert(attachment_bytes_max == wire::events::attachment_max);
static_assert(attachments_max == wire::events::attachments_max);

bool starts_with(ByteView content, std::string_view magic, std::size_t at = 0) {
  return content.size() >= at + magic.size() &&
         std::memcmp(content.data() + at, magic.data(), magic.size()) == 0;
}

std::uint32_t little(ByteView content, std::size_t at, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < octets; ++i)
    value |= static_cast<std::uint32_t>(content[at + i]) << (8 * i);
  return value;
}

/// What of a DOCX a zip archive's central directory names (PKWARE APPNOTE 4.3.12, 4.3.16).
struct Directory {
  bool content_types = false;
  bool word = false;
  bool macros = false;
};

constexpr std::size_t end_record_size = 22;
constexpr std::size_t entry_size = 46;
constexpr std::size_t comment_max = 65535;

Directory read_directory(ByteView zip) {
  Directory found;
  if (zip.size() < end_record_size) return found;
  // The end record is the last thing but a comment; the first match from the back is it.
  std::size_t lowest =
      zip.size() > end_record_size + comment_max ? zip.size() - end_record_size - comment_max : 0;
  std::size_t end = zip.size() - end_record_size;
  while (!starts_with(zip, "PK\x05\x06", end)) {
    if (end == lowest) return found;
    --end;
  }
  std::size_t entries = little(zip, end + 10, 2);
  std::size_t at = little(zip, end + 16, 4);
  for (std::size_t i = 0; i < entries; ++i) {
    if (at > end || end - at < entry_size || !starts_with(zip, "PK\x01\x02", at)) return {};
    std::size_t name_size = little(zip, at + 28, 2);
    std::size_t rest = name_size + little(zip, at + 30, 2) + little(zip, at + 32, 2);
    if (end - at - entry_size < rest) return {};
    std::string_view name = as_text(zip.subspan(at + entry_size, name_size));
    found.content_types |= name == "[Content_Types].xml";
    found.word |= name == "word/document.xml";
    found.macros |= name == "word/vbaProject.bin";
    at += entry_size + rest;
  }
  return found;
}

std::string megabytes(std::uint64_t octets) {
  auto tenths = (octets * 10 + 1024 * 1024 - 1) / (1024 * 1024);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

constexpr std::size_t name_bytes_max = 255;
/// What no file system of the recipients takes in a name (Windows), or takes for a path.
constexpr std::string_view not_in_names = "/\\:*?\"<>|";

std::span<const std::string_view> endings_of(AttachmentKind kind) {
  static constexpr std::array<std::string_view, 1> pdf{".pdf"};
  static constexpr std::array<std::string_view, 1> docx{".docx"};
  static constexpr std::array<std::string_view, 1> png{".png"};
  static constexpr std::array<std::string_view, 2> jpeg{".jpg", ".jpeg"};
  switch (kind) {
    case AttachmentKind::pdf:
      return pdf;
    case AttachmentKind::docx:
      return docx;
    case AttachmentKind::png:
      return png;
    case AttachmentKind::jpeg:
      return jpeg;
  }
  return {};
}

bool ends_as(std::string_view name, AttachmentKind kind) {
  return std::ranges::any_of(endings_of(kind), [&](std::string_view ending) {
    // Something must stand before it: ".pdf" is a hidden file without an ending.
    if (name.size() <= ending.size()) return false;
    return std::ranges::equal(
        name.substr(name.size() - ending.size()), ending, [](char given, char wanted) {
          return given == wanted || (given >= 'A' && given <= 'Z' && given - 'A' + 'a' == wanted);
        });
  });
}

constexpr const char* kinds_taken =
    "only PDF, DOCX, PNG and JPEG are taken, by content and not by name";

}  // namespace

Result<AttachmentKind> attachment_kind(ByteView content) {
  if (starts_with(content, "%PDF-")) return AttachmentKind::pdf;
  if (starts_with(content, "\x89PNG\r\n\x1a\n") && starts_with(content, "IHDR", 12))
    return AttachmentKind::png;
  if (starts_with(content, "\xff\xd8\xff")) return AttachmentKind::jpeg;
  if (starts_with(content, "PK\x03\x04")) {
    Directory directory = read_directory(content);
    if (directory.macros)
      return fail(Reason::unsupported, "a document with macros is not taken; save it without them");
    if (directory.content_types && directory.word) return AttachmentKind::docx;
  }
  return fail(Reason::unsupported, kinds_taken);
}

Result<void> check_attachment_name(std::string_view name) {
  if (name.empty()) return fail(Reason::malformed, "attachment: has no name; give its file's");
  const auto which = "attachment " + shorten(shown_safely(name), 100) + ": ";
  if (name.size() > name_bytes_max)
    return fail(Reason::too_large, which + "its name has " + std::to_string(name.size()) +
                                       " octets; at most 255 are taken: rename it");
  if (!is_utf8(name)) return fail(Reason::malformed, which + "its name is not UTF-8: rename it");
  if (const auto unfit = unfit_character(name, Lines::one); !unfit.empty())
    return fail(Reason::malformed,
                which + "its name holds a character that is no text (" + unfit + "): rename it");
  const auto at = name.find_first_of(not_in_names);
  if (at != std::string_view::npos)
    return fail(Reason::malformed, which + "its name holds " + std::string(1, name[at]) +
                                       ", which no file's name may: rename it");
  if (name.front() == '.' || name.front() == ' ' || name.back() == '.' || name.back() == ' ')
    return fail(Reason::malformed,
                which + "its name begins or ends with a dot or a blank: rename it");
  return {};
}

std::string safe_name(const wire::Attachment& attachment) {
  std::string out;
  for (char c : shown_safely(attachment.name))
    out += not_in_names.find(c) == std::string_view::npos ? c : '_';
  const auto from = out.find_first_not_of(". ");
  out = from == std::string::npos ? std::string() : out.substr(from);
  constexpr std::size_t room_for_ending = 5;
  out = cut(out, name_bytes_max - room_for_ending);
  if (!ends_as(out, attachment.kind)) {
    while (!out.empty() && (out.back() == '.' || out.back() == ' '))
      out.pop_back();
    out = (out.empty() ? "attachment" : out) + std::string(endings_of(attachment.kind).front());
  }
  return out;
}

Result<AttachmentKind> check_attachment(std::string_view name, ByteView content) {
  if (auto good = check_attachment_name(name); !good) return fail(good.error());
  std::string which = "attachment " + shorten(name, 100) + ": ";
  if (content.empty()) return fail(Reason::malformed, which + "is empty");
  if (content.size() > attachment_bytes_max) {
    return fail(Reason::too_large,
                which + "has " + megabytes(content.size()) + "; at most 5 MiB each are taken");
  }
  auto kind = attachment_kind(content);
  if (!kind) return fail(kind.error().reason, which + kind.error().text);
  if (!ends_as(name, *kind)) {
    const std::string ending(endings_of(*kind).front());
    return fail(Reason::malformed, which + "is a " + std::string(name_of(*kind)) +
                                       " by its content; rename it to end in " + ending);
  }
  return kind;
}

Result<void> check_attachments(std::span<const wire::Attachment> attachments) {
  if (attachments.size() > attachments_max) {
    return fail(Reason::too_large,
                "attachments: at most " + std::to_string(attachments_max) + " are taken");
  }
  std::uint64_t all = 0;
  for (const wire::Attachment& attachment : attachments) {
    if (attachment.size > attachment_bytes_max) {
      return fail(Reason::too_large,
                  "attachment " + safe_name(attachment) + ": at most 5 MiB each are taken");
    }
    all += attachment.size;
  }
  if (all > attachments_bytes_max) {
    return fail(Reason::too_large,
                "attachments: have " + megabytes(all) + " in all; at most 25 MiB are taken");
  }
  return {};
}

const char* name_of(AttachmentKind kind) {
  switch (kind) {
    case AttachmentKind::pdf:
      return "pdf";
    case AttachmentKind::docx:
      return "docx";
    case AttachmentKind::png:
      return "png";
    case AttachmentKind::jpeg:
      return "jpeg";
  }
  return "";
}

const char* media_type_of(AttachmentKind kind) {
  switch (kind) {
    case AttachmentKind::pdf:
      return "application/pdf";
    case AttachmentKind::docx:
      return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    case AttachmentKind::png:
      return "image/png";
    case AttachmentKind::jpeg:
      return "image/jpeg";
  }
  return "application/octet-stream";
}

}  // namespace liaison::casework
