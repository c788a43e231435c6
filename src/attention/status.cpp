#include <headroom/status.hpp>

namespace headroom {

const char* describe(Status status) noexcept {
    switch (status) {
        case Status::ok:
            return "ok";
        case Status::bad_shape:
            return "a size or stride is out of range, or two arguments disagree about one";
        case Status::bad_value:
            return "a number is not finite or out of its range";
        case Status::too_small:
            return "memory is smaller than its shape or size function says";
        case Status::misaligned:
            return "state, scratch or weights do not start at a multiple of 64 bytes";
        case Status::overlap:
            return "two arguments share memory that must not be shared";
        case Status::cache_full:
            return "the cache cannot hold the tokens of this call";
        case Status::bad_state:
            return "the state is no cache of this shape, or the floating-point mode is wrong";
        case Status::bad_weights:
            return "the packed weights are not of this format, shape and size";
        case Status::bad_checksum:
            return "the packed weights have changed since they were packed, or a self-test failed";
        case Status::unsupported_port:
            return "this processor lacks the instructions of the port";
        case Status::not_open:
            return "the object has not been opened";
    }
    return "not a status";
}

}  // namespace headroom
