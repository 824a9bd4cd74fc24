#include "node/shell/schema.h"

#include <array>

#include "node/desk/tables.h"
#include "node/shell/schema_link.h"

namespace liaison::node {
namespace {

// Only ever appended to: a store of version n has run the first n.
constexpr std::array<std::string_view, 12> migrations{
    link_and_cases_1,        desk_tables,         attempts_of_lives, aside_by_sender,
    logs_followed,           certificates_logged, log_keys,          letters_kept,
    letters_logged_by_epoch, logs_cosigned,       alarms_by_node,    revocations_logged,
};

constexpr store::Schema node_schema{0x4c4e4f44 /* "LNOD" */, "the node's store", migrations};

}  // namespace

const store::Schema& schema() {
  return node_schema;
}

}  // namespace liaison::node
