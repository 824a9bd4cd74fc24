#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "casework/service.h"

namespace liaison::casework {

/// "jcp-leeds/cmp": how a person names a service; the part after the slash alone will do where it
/// is the only one of that id.
std::string reference_of(const Service& service);

/// Past its review interval since it was last confirmed (or published).
bool is_stale(const Service& service, Instant now);

/// The newest version of every listing, indexed in memory.
class Directory {
 public:
  /// Takes a listing; an older version than the one held changes nothing. Returns whether it was
  /// taken.
  bool put(Service service);
  /// By reference or by id. not_found, or conflict when several providers use that id.
  [[nodiscard]] Result<const Service*> find(std::string_view id_or_reference) const;
  [[nodiscard]] const Service* find(const NodeId& provider, std::string_view id) const;
  /// Listings in which every word of `words` occurs (any case; beginnings of words count), those
  /// with the words in name or needs first; then by name. No words: all. Closed ones are left out.
  [[nodiscard]] std::vector<const Service*> search(std::string_view words) const;
  /// Whether a provider has a listing that says it is contracted.
  [[nodiscard]] bool is_contracted(const NodeId& provider) const;
  [[nodiscard]] std::size_t size() const { return services_.size(); }

 private:
  std::map<std::pair<NodeId, std::string>, Service> services_;
};

}  // namespace liaison::casework
