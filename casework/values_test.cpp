#include <catch2/catch.hpp>

#include "casework/attachments.h"
#include "casework/codes.h"
#include "casework/language.h"
#include "casework/needs.h"
#include "casework/standards.h"
#include "casework/summary.h"
#include "casework/testing/story.h"

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;
namespace ev = wire::events;

namespace {

constexpr Date on(int year, unsigned month, unsigned day) {
  return std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day);
}

/// A zip archive whose directory names these files, each empty.
Bytes zip(std::initializer_list<std::string_view> names) {
  Bytes out;
  auto put = [&out](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  auto number = [&out](std::size_t value, int octets) {
    for (int i = 0; i < octets; ++i, value >>= 8)
      out.push_back(static_cast<std::uint8_t>(value));
  };
  put("PK\x03\x04");
  number(0, 26);
  std::size_t start = out.size();
  for (std::string_view name : names) {
    put("PK\x01\x02");
    number(0, 8), number(0, 8), number(0, 8);
    number(name.size(), 2);
    number(0, 8), number(0, 8);
    put(name);
  }
  std::size_t size = out.size() - start;
  put("PK\x05\x06");
  number(0, 4), number(names.size(), 2), number(names.size(), 2), number(size, 4), number(start, 4),
      number(0, 2);
  return out;
}

}  // namespace

TEST_CASE("working days leave out weekends and bank holidays", "[casework]") {
  const Calendar& calendar = england_and_wales();
  CHECK(add_working_days(calendar, on(2026, 5, 1), 1) ==
        on(2026, 5, 5));  // over the early May holiday
  CHECK(add_working_days(calendar, on(2026, 12, 24), 1) ==
        on(2026, 12, 29));  // Christmas, weekend, substitute day
  CHECK(add_working_days(calendar, on(2026, 5, 9), 0) == on(2026, 5, 9));
  CHECK(add_working_days(calendar, on(2026, 5, 9), 1) == on(2026, 5, 11));
  CHECK_FALSE(is_working_day(calendar, on(2028, 4, 14)));
}

TEST_CASE("a pause moves what is due by its days, and not to a weekend", "[casework]") {
  CHECK(after_pause(on(2026, 5, 6), on(2026, 5, 4), on(2026, 5, 11)) == on(2026, 5, 13));
  CHECK(after_pause(on(2026, 5, 6), on(2026, 5, 4), on(2026, 5, 7)) == on(2026, 5, 11));
  CHECK(after_pause(on(2026, 5, 9), on(2026, 5, 4), on(2026, 5, 4)) == on(2026, 5, 9));
  CHECK(after_pause(on(2026, 5, 6), on(2026, 5, 4), on(2026, 5, 1)) == on(2026, 5, 6));
  // A later one could not be said in four digits.
  CHECK(after_pause(on(9999, 12, 30), on(2026, 5, 4), on(2026, 5, 11)) == on(9999, 12, 31));
}

TEST_CASE("a due date past the calendar is provisional", "[casework]") {
  auto last_day = std::chrono::sys_days(on(2028, 12, 29)) + std::chrono::hours(9);
  auto dues = dues_at_request(england_and_wales(), last_day, ev::Route::formal, service());
  CHECK(dues[0].provisional);
  CHECK(dues[0].on == on(2029, 1, 2));
}

TEST_CASE("the day is that of the office's clock, summer and winter", "[casework]") {
  using std::chrono::hours;
  CHECK(local_day(std::chrono::sys_days(on(2026, 7, 1)) + hours(23)) == on(2026, 7, 2));
  CHECK(local_day(std::chrono::sys_days(on(2026, 12, 1)) + hours(23)) == on(2026, 12, 1));
  CHECK(local_day(std::chrono::sys_days(on(2026, 3, 29)) + std::chrono::minutes(59)) ==
        on(2026, 3, 29));
}

TEST_CASE("an informal referral has the reply time that its service states", "[casework]") {
  Service stated = service();
  stated.reply_time_days = 3;
  auto dues = dues_at_request(england_and_wales(), noon(6), ev::Route::informal, stated);
  CHECK(dues == std::vector<wire::Due>{{wire::Standard::acknowledged, on(2026, 5, 11), false}});
}

TEST_CASE("a calendar file is read line by line", "[casework]") {
  auto calendar = parse_calendar("# Scotland\n2026-01-02  # second of January\n\n2027-11-30\r\n");
  REQUIRE(calendar);
  CHECK(calendar->holidays.size() == 2);
  CHECK(calendar->last_year == 2027);
  CHECK(parse_calendar("2026-01-02\n2026-02-30\n").error().text ==
        "line 2: not a date such as 2026-12-25");
}

TEST_CASE("an attachment is what its content is", "[casework]") {
  auto kind = [](ByteView content) { return attachment_kind(content); };
  CHECK(kind(as_bytes("%PDF-1.7\n")) == wire::AttachmentKind::pdf);
  CHECK(kind(as_bytes(std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR....", 20))) ==
        wire::AttachmentKind::png);
  CHECK(kind(as_bytes("\xff\xd8\xff\xe0...")) == wire::AttachmentKind::jpeg);
  CHECK(kind(zip({"[Content_Types].xml", "word/document.xml"})) == wire::AttachmentKind::docx);
  CHECK_FALSE(kind(zip({"[Content_Types].xml", "xl/workbook.xml"})));
  CHECK(
      kind(zip({"[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"})).error().text ==
      "a document with macros is not taken; save it without them");
  CHECK_FALSE(kind(as_bytes("MZ\x90")));
  CHECK_FALSE(kind({}));
  Bytes cut = zip({"[Content_Types].xml", "word/document.xml"});
  for (std::size_t size = 0; size < cut.size(); ++size)
    CHECK_FALSE(kind(ByteView(cut).first(size)));
}

TEST_CASE("an attachment's name is one that any machine can keep, and says what it is",
          "[casework]") {
  const auto pdf = as_bytes("%PDF-1.7\n");
  for (const char* good : {"letter.pdf", "Letter of 3 May.PDF", "llythyr caf\xc3\xa9.pdf"}) {
    INFO(good);
    CHECK(check_attachment(good, pdf));
  }
  const auto refused = [&](const std::string& name) {
    const auto checked = check_attachment(name, pdf);
    return checked ? std::string("taken") : checked.error().text;
  };
  CHECK(refused("l.exe") == "attachment l.exe: is a pdf by its content; rename it to end in .pdf");
  CHECK(refused("letter") ==
        "attachment letter: is a pdf by its content; rename it to end in .pdf");
  CHECK(refused("").find("has no name") != std::string::npos);
  CHECK(refused("..").find("dot or a blank") != std::string::npos);
  CHECK(refused(".pdf").find("dot or a blank") != std::string::npos);
  CHECK(refused("a.pdf ").find("dot or a blank") != std::string::npos);
  CHECK(refused("../a.pdf").find("its name holds /") != std::string::npos);
  CHECK(refused("C:a.pdf").find("its name holds :") != std::string::npos);
  CHECK(refused("a\"b.pdf").find("its name holds \"") != std::string::npos);
  CHECK(refused("two\nlines.pdf") ==
        "attachment two_lines.pdf: its name holds a character that is no text (U+000A): rename it");
  CHECK(refused("fdp.\xe2\x80\xae"
                "exe.pdf")
            .find("(U+202E)") != std::string::npos);
  CHECK(refused("\xff.pdf").find("not UTF-8") != std::string::npos);
  CHECK(refused(std::string(252, 'x') + ".pdf").find("has 256 octets") != std::string::npos);
  CHECK(refused(std::string(251, 'x') + ".pdf") == "taken");
}

TEST_CASE("an attachment that came is shown by a safe name, whatever its sender called it",
          "[casework]") {
  const auto shown = [](std::string name, wire::AttachmentKind kind = wire::AttachmentKind::pdf) {
    wire::Attachment attachment;
    attachment.name = std::move(name);
    attachment.kind = kind;
    return safe_name(attachment);
  };
  CHECK(shown("letter.pdf") == "letter.pdf");
  CHECK(shown("photo.JPEG", wire::AttachmentKind::jpeg) == "photo.JPEG");
  CHECK(shown("l.exe") == "l.exe.pdf");
  CHECK(shown("..") == "attachment.pdf");
  CHECK(shown("") == "attachment.pdf");
  CHECK(shown(".pdf") == "pdf.pdf");
  CHECK(shown("../../a.pdf") == "_.._a.pdf");
  CHECK(shown("two\r\nlines.pdf") == "two__lines.pdf");
  CHECK(shown("a\xe2\x80\xae"
              "fdp.exe") == "a_fdp.exe.pdf");
  CHECK(shown(std::string(300, 'x')).size() <= 255);
}

TEST_CASE("a language is known by its code", "[casework]") {
  for (const char* known : {"en", "cy", "EN", "en-GB", "zh-Hant", "bfi", "ur"}) {
    INFO(known);
    CHECK(is_language(known));
  }
  for (const char* unknown :
       {"", "e", "xx", "zzz", "English", "en-", "en-toolongtag", "n f", "a b"}) {
    INFO(unknown);
    CHECK_FALSE(is_language(unknown));
  }
}

TEST_CASE("attachments have limits, each and all", "[casework]") {
  Bytes large(attachment_bytes_max + 1, ' ');
  std::copy_n("%PDF-", 5, large.begin());
  CHECK(check_attachment("scan.pdf", large).error().text ==
        "attachment scan.pdf: has 5.1 MiB; at most 5 MiB each are taken");
  large.pop_back();
  CHECK(check_attachment("scan.pdf", large) == wire::AttachmentKind::pdf);
  CHECK(
      check_attachment("letter.doc", as_bytes("\xd0\xcf\x11\xe0")).error().text ==
      "attachment letter.doc: only PDF, DOCX, PNG and JPEG are taken, by content and not by name");
  std::vector<wire::Attachment> six(6);
  for (wire::Attachment& one : six)
    one.size = attachment_bytes_max;
  CHECK(check_attachments(six).error().reason == Reason::too_large);
  six.pop_back();
  CHECK(check_attachments(six));
}

TEST_CASE("codes are read as people write them, and a wrong one is told what there is",
          "[casework]") {
  CHECK(parse<ev::DeclineReason>("No capacity") == ev::DeclineReason::no_capacity);
  CHECK(parse<ev::EndReason>("moved-abroad") == ev::EndReason::moved_abroad);
  CHECK(parse<wire::Basis>("consent").error().text ==
        "basis: \"consent\" is none of required, agreed, safety");
  CHECK(std::string(name_of(ev::OutcomeCode::completed_without_further_step)) ==
        "completed_without_further_step");
  CHECK(parse_user_role("specialist") == UserRole::specialist);
  CHECK_FALSE(parse_user_role("node"));
}

TEST_CASE("needs of the list are found however they are written", "[casework]") {
  CHECK(find_need("Low-mood or anxiety")->group == "Health");
  CHECK(find_need("abuse_at_home")->guarded);
  CHECK(find_need("wealth") == nullptr);
}

TEST_CASE("a summary is what lists show, at the office and at the provider", "[casework]") {
  Story story;
  auto office = summarise(story.office.view(), story.office.actor.node);
  auto provider = summarise(story.provider.view(), story.provider.actor.node);
  CHECK(office.name == "Maud Quill");
  CHECK(provider.name == "Maud Quill");
  CHECK(office.needs.size() == 2);
  CHECK(provider.needs.empty());
  CHECK(provider.referrals[0].state == "received");
  CHECK(provider.referrals[0].next_due->standard == wire::Standard::acknowledged);
  CHECK(provider.whole);
  CHECK(wire::decode_case_summary(wire::encode(office)).value() == office);
  REQUIRE(story.provider.act(Ask{referral_id(), "stairs?"}));
  provider = summarise(story.provider.view(), story.provider.actor.node);
  CHECK(provider.referrals[0].next_due->standard == wire::Standard::meeting_offered);
  CHECK(provider.referrals[0].questions_open == 1);
}
