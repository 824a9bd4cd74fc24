#include "casework/kinds.h"

namespace liaison::casework {
namespace {

Home home_of_body(const wire::EventBody& body) {
  return std::visit([]<class Kind>(const Kind&) { return home_of<Kind>; }, body);
}

}  // namespace

bool is_proposal(const wire::EventBody& body) {
  return home_of_body(body).proposal;
}

bool belongs_in(const wire::EventBody& body, wire::StrandKind strand) {
  bool answers_proposals = body.index() == kind_of<wire::events::Taken> ||
                           body.index() == kind_of<wire::events::Refused>;
  if (answers_proposals && strand == wire::StrandKind::core) return true;
  return body.index() == kind_of<wire::events::Unknown> || home_of_body(body).strand == strand;
}

}  // namespace liaison::casework
