#include "adviser_node/routes.h"
#include "casework/attachments.h"
#include "casework/codes.h"
#include "casework/commands.h"
#include "casework/json/casework_json.h"
#include "node/desk/fields.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "web/problem.h"

namespace liaison::adviser_node {
namespace {

using namespace node;
using web::Request;
using web::Response;

// 25 MiB of attachments in base64, and the referral.
constexpr std::size_t upload_bytes_max = std::size_t{36} << 20;

/// {"name": "letter.pdf", "content": base64}, judged by its content.
Result<NewAttachment> parse_attachment(std::string_view text) {
  Fields fields(text);
  const auto name = fields.required_text("name", "give the attachment's file name");
  const auto content = fields.text("content", upload_bytes_max);
  if (const auto good = fields.finish(); !good)
    return fail(good.error().reason, "attachment: " + good.error().text);
  auto octets = from_base64(content);
  if (!octets)
    return fail(Reason::malformed, "attachment \"" + name + "\": \"content\" is not base64");
  const auto kind = casework::check_attachment(name, *octets);
  if (!kind) return fail(kind.error());
  auto about = describe_attachment(name, *kind, *octets);
  return NewAttachment{std::move(about), std::move(*octets)};
}

std::vector<NewAttachment> attachments_of(Fields& fields) {
  std::vector<NewAttachment> out;
  for (const auto& one : fields.objects("attachments", casework::attachments_max)) {
    auto attachment = parse_attachment(one);
    if (!attachment) {
      fields.refuse(attachment.error());
      return {};
    }
    out.push_back(std::move(*attachment));
  }
  return out;
}

std::vector<wire::Attachment> about(const std::vector<NewAttachment>& attachments) {
  std::vector<wire::Attachment> out;
  for (const auto& one : attachments)
    out.push_back(one.about);
  return out;
}

Response refer(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const auto reference = fields.required_text("service", "name a service, as find shows it");
  casework::Refer command;
  const auto route = fields.text("route");
  if (!route.empty()) command.route = fields.take(casework::parse<wire::events::Route>(route));
  const auto input = fields.json("referral");
  if (input.empty())
    fields.refuse(
        {Reason::malformed, "\"referral\" is missing: write its need and what is hoped for"});
  command.input = fields.take(casework::parse_referral(input));
  const auto again_of = fields.text("again_of");
  if (!again_of.empty()) command.again_of = fields.take(ReferralId::parse(again_of));
  const auto attachments = attachments_of(fields);
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  command.attachments = about(attachments);
  if (const auto good = casework::check_attachments(command.attachments); !good)
    return web::problem(good.error());
  command.idempotency_key = std::string(request.header("Idempotency-Key"));
  return desk.change(
      request, caller, Desk::Makes::new_thing,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto id = find_case(engine, request.parameter("id"));
        if (!id) return fail(id.error());
        const auto seen = engine.case_view(*id);
        if (!seen) return fail(seen.error());
        const auto same = check_version(request, version_of(**seen));
        if (!same) return fail(same.error());
        const auto service = engine.directory().find(reference);
        if (!service) return fail(service.error());
        const auto provider = engine.peer((*service)->provider);
        if (provider && provider->revoked) {
          return fail(Reason::conflict, "service: its provider, " + (*service)->provider.text() +
                                            ", has left the exchange; choose another");
        }
        command.service = **service;
        command.id = engine.fresh_referral();
        const auto actor = caller.at(engine.self());
        const auto done = engine.act(
            *id, actor,
            [&](const casework::CaseView& view) { return decide(view, actor, command, now.wall); },
            now, attachments);
        if (!done) return fail(done.error());
        return command.id.text();
      },
      [&](Engine& engine, Now now, const std::string& made) {
        return show_referral(engine, now, caller, made);
      });
}

template <class Command>
Response act(Desk& desk, const Request& request, const Caller& caller, const Command& command,
             const std::vector<NewAttachment>& attachments = {}) {
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) {
        return act_on_referral(engine, now, caller, request, command, attachments);
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show_referral(engine, now, caller, id);
      });
}

Response answer(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Answer command;
  command.text = fields.required_text("text", "write the answer", 16384);
  const auto question = fields.text("question");
  if (!question.empty()) command.question = fields.take(EventId::parse(question));
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response give_details(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::GiveDetails command;
  command.items = fields.texts("items");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response attach(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const auto attachments = attachments_of(fields);
  if (attachments.size() != 1)
    fields.refuse({Reason::malformed, "\"attachments\" must be a list of one document"});
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  casework::AddAttachment command;
  command.attachment = attachments.front().about;
  return act(desk, request, caller, command, attachments);
}

Response withdraw(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Withdraw command;
  const auto by = fields.text("by");
  if (!by.empty()) command.by = fields.take(casework::parse<wire::events::WithdrawnBy>(by));
  command.reason = fields.text("reason");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

/// Only where the registry says that its decider is gone.
Response take_over(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::TakeOver command;
  command.reason = fields.required_text("reason", "say why the office takes the referral over");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto found = find_referral(engine, request.parameter("id"));
        if (!found) return fail(found.error());
        const auto view = engine.case_view(found->case_id);
        if (!view) return fail(view.error());
        const auto* referral = (*view)->referral(found->id);
        const auto provider = referral == nullptr ? std::nullopt : engine.peer(referral->provider);
        // Of one that was replaced, to join again, the provider's node would take none over.
        if (!provider || !provider->revoked || !provider->was_shut_out) {
          return fail(Reason::conflict,
                      "the provider is still on the exchange: ask it, or withdraw the referral");
        }
        return act_on_referral(engine, now, caller, request, command);
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show_referral(engine, now, caller, id);
      });
}

}  // namespace

std::vector<DeskRoute> referral_routes() {
  const std::string one = "/api/v1/referrals/{id}";
  auto referring = posts("/api/v1/clients/{id}/referrals", office_staff, "refer",
                         "Refers a client to a service", "Refer", "Referral", refer);
  referring.body_bytes_max = upload_bytes_max;
  auto attaching = posts(one + "/attach", office_staff, "attach", "Sends another document",
                         "Attach", "Referral", attach);
  attaching.body_bytes_max = upload_bytes_max;
  return {
      std::move(referring),
      posts(one + "/answer", office_staff, "answer", "Answers a question", "Answer", "Referral",
            answer),
      posts(one + "/details", office_staff, "giveDetails", "Sends items as they are now", "Items",
            "Referral", give_details),
      std::move(attaching),
      posts(one + "/withdraw", office_staff, "withdraw", "Asks to withdraw the referral",
            "Withdrawal", "Referral", withdraw),
      posts(one + "/take-over", office_staff, "takeOver",
            "Takes over a referral whose provider was revoked", "Why", "Referral", take_over),
  };
}

}  // namespace liaison::adviser_node
