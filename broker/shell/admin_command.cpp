#include "broker/shell/admin_command.h"

#include "base/text.h"

namespace liaison::broker {

Result<std::string> Asked::text(const char* name) const {
  if (!value_.contains(name) || !value_[name].is_string())
    return fail(Reason::malformed, std::string(name) + ": a text is wanted");
  return value_[name].get<std::string>();
}

Result<std::string> Asked::sentence(const char* name, const char* called,
                                    std::size_t longest) const {
  auto found = text(name);
  if (!found) return found;
  const auto wrong = [&](const std::string& why) {
    return fail(Reason::malformed, std::string(called) + ": " + why);
  };
  if (found->find_first_not_of(' ') == std::string::npos)
    return wrong("it is empty; say it in a few words");
  if (found->size() > longest)
    return wrong("it is over " + std::to_string(longest) + " octets; say it shorter");
  if (!unfit_character(*found, Lines::one).empty())
    return wrong("a line end or another control character stands in it; say it in one line");
  return found;
}

std::string Asked::text_or(const char* name, std::string otherwise) const {
  auto found = text(name);
  return found ? *found : otherwise;
}

Result<NodeId> Asked::node() const {
  auto found = text("node");
  if (!found) return fail(found.error());
  return NodeId::parse(*found);
}

std::uint64_t Asked::number_or(const char* name, std::uint64_t otherwise) const {
  return value_.contains(name) && value_[name].is_number_unsigned()
             ? value_[name].get<std::uint64_t>()
             : otherwise;
}

Result<std::optional<NodeId>> node_if_named(Engine::Parts& parts, const Asked& asked) {
  if (!asked.has("node")) return std::optional<NodeId>{};
  auto node = asked.node();
  if (!node) return fail(node.error());
  if (!parts.core.registry().find(*node))
    return fail(Reason::not_found, "no such node: " + node->text());
  return std::optional<NodeId>(*node);
}

}  // namespace liaison::broker
