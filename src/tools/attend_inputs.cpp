#include "tools/attend_files.hpp"

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

std::string holds(const NpyArray& array) { return array.name + ": holds " + array.type_text(); }

void require_real(const NpyArray& array, const char* option) {
    if (is_real(array.dtype)) return;
    throw UserError(holds(array) + "; " + option + " takes float32, float16 or float64");
}

void require_type_of(const NpyArray& past, const NpyArray& added) {
    if (past.dtype == added.dtype) return;
    throw UserError(holds(past) + ", which " + holds(added) +
                    " continues: the types must be the same");
}

FloatArray floats_of(const NpyArray& array, const std::string& option) {
    return {option + " " + array.name, array.dims, array.floats()};
}

}  // namespace

AttendInputs::AttendInputs(const AttendPaths& paths)
    : query_(paths.query),
      key_(paths.key),
      value_(paths.value),
      past_key_(open_if_given(paths.past_key)),
      past_value_(open_if_given(paths.past_value)),
      mask_(open_if_given(paths.mask)),
      valid_keys_(open_if_given(paths.valid_keys)) {
    require_real(query(), "--q");
    require_real(key(), "--k");
    require_real(value(), "--v");
    if (past_key_) require_type_of(past_key_->array(), key());
    if (past_value_) require_type_of(past_value_->array(), value());
}

OnnxInputs AttendInputs::read() const {
    OnnxInputs in;
    // First what may be of a type that is refused: the conversions below can take long.
    if (mask_) in.mask = mask_of(mask_->array());
    if (valid_keys_) {
        const NpyArray& lengths = valid_keys_->array();
        in.valid_keys =
            LengthArray{"--valid-keys " + lengths.name, lengths.dims, lengths.integers()};
    }
    in.query = floats_of(query(), "--q");
    in.key = floats_of(key(), "--k");
    in.value = floats_of(value(), "--v");
    if (past_key_) in.past_key = floats_of(past_key_->array(), "--past-key");
    if (past_value_) in.past_value = floats_of(past_value_->array(), "--past-value");
    return in;
}

}  // namespace headroom::tools
