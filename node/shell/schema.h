#pragma once

#include "store/database.h"

namespace liaison::node {

/// The store of a node, `DIR/node.db`: the link and the cases (node/shell), then people, sessions
/// and settings (node/desk). One list, because a file has one version; each entry is appended, none
/// changed once released.
///
/// What lies in it in plain is names of nodes, random ids, times, counts, digests of sealed bytes
/// and certificates. Whatever says something of a client is sealed under its case's key, and the
/// case's key under the node's store key.
const store::Schema& schema();

}  // namespace liaison::node
