#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "wire/event.h"

namespace liaison::casework {

inline constexpr std::size_t attachment_bytes_max = 5 * 1024 * 1024;
inline constexpr std::size_t attachments_bytes_max = 25 * 1024 * 1024;
inline constexpr std::size_t attachments_max = 32;

/// What a document is by its content, never by its name: PDF, DOCX (a zip archive with
/// [Content_Types].xml and word/ in its directory), PNG or JPEG. unsupported otherwise.
Result<wire::AttachmentKind> attachment_kind(ByteView content);

/// A file's name as it is taken at the desk: 1 to 255 octets of text, no path, none of the
/// characters that a file system refuses, no direction of writing turned.
Result<void> check_attachment_name(std::string_view name);

/// By what name an attachment is shown and saved, whatever its sender called it: such a name, and
/// its ending says what it is.
std::string safe_name(const wire::Attachment& attachment);

/// Name, kind and size of one document; the name must end as documents of that kind do.
Result<wire::AttachmentKind> check_attachment(std::string_view name, ByteView content);
/// All attachments of a referral together.
Result<void> check_attachments(std::span<const wire::Attachment> attachments);

const char* name_of(wire::AttachmentKind kind);        ///< "pdf"
const char* media_type_of(wire::AttachmentKind kind);  ///< "application/pdf"

}  // namespace liaison::casework
