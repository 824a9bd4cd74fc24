#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace liaison {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr,
               "liaison: a bug in the program: %s does not hold at %s:%d; stopping before anything "
               "is written\n",
               condition, file, line);
  std::abort();
}

}  // namespace liaison
