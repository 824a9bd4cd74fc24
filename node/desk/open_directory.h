#pragma once

#include <map>
#include <string>
#include <vector>

#include "casework/directory.h"

namespace liaison::node {

class Engine;

/// A service as anyone may read it.
struct OpenService {
  casework::Service service;
  std::string published;  ///< JSON of Open Referral, as its provider published it
};

/// The directory as it stood at one moment, for those who need not say who they are: what they ask
/// is answered from it, on their own threads.
class OpenDirectory {
 public:
  /// A page's listings have no more octets together, whatever number of them is asked for.
  static constexpr std::size_t page_bytes_max = std::size_t{2} << 20;
  static constexpr std::size_t page_size_max = 200;

  /// What is no JSON object is left out.
  explicit OpenDirectory(std::vector<OpenService> services);

  /// JSON of a page, as Open Referral has it, of the services in which every word of `words`
  /// occurs. Fewer stand on each page than `per_page` where that is over one of the two bounds. A
  /// page past the last is the last.
  [[nodiscard]] std::string page(const std::string& words, std::size_t per_page,
                                 std::size_t number) const;

 private:
  casework::Directory services_;
  std::map<std::string, std::string> texts_;  ///< by reference
  std::size_t longest_ = 1;                   ///< of the texts
};

/// Services of providers that have left the exchange are not offered: nobody can be referred there.
bool has_left(const Engine& engine, const casework::Service& service);
std::vector<const casework::Service*> offered(const Engine& engine, const std::string& words);
/// What is offered now.
std::vector<OpenService> open_services(const Engine& engine);

}  // namespace liaison::node
