#pragma once

namespace liaison::node {

/// node/desk/openapi_components.json: the schemas, parameters and answers that the API's
/// description refers to.
extern const char* const openapi_components;

}  // namespace liaison::node
