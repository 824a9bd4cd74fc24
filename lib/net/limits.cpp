#include "net/limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace liaison::net {

std::uint64_t raise_descriptor_limit(std::uint64_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  rlimit raised = limit;
  raised.rlim_cur = wanted;
  raised.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);  // root may raise this one as well
  if (::setrlimit(RLIMIT_NOFILE, &raised) != 0) {
    raised.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted);
    raised.rlim_max = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) != 0) return limit.rlim_cur;
  }
  return raised.rlim_cur;
}

std::string too_few_descriptors(std::uint64_t limit) {
  return "this process may open " + std::to_string(limit) + " files and connections, and needs " +
         std::to_string(descriptors_least) +
         " at least: raise its limit (LimitNOFILE=, ulimit -n) and start again";
}

}  // namespace liaison::net
