#pragma once

#include <span>
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

/// Kind and size of one document, `name` for the error line: too_large, unsupported.
Result<wire::AttachmentKind> check_attachment(std::string_view name, ByteView content);
/// All attachments of a referral together.
Result<void> check_attachments(std::span<const wire::Attachment> attachments);

const char* name_of(wire::AttachmentKind kind);        ///< "pdf"
const char* media_type_of(wire::AttachmentKind kind);  ///< "application/pdf"

}  // namespace liaison::casework
