// A build without a yardstick.
#include "bench/yardstick/yardstick.hpp"

namespace bench {

const Yardstick* find_yardstick(const char*) { return nullptr; }

}  // namespace bench
