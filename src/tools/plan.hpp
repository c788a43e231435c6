// What a layer of some shape needs and costs: the numbers behind `headroom plan`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <headroom/cost.hpp>
#include <headroom/shape.hpp>

namespace headroom::tools {

struct Plan {
    Shape shape;  // resolved
    int workers = 1;
    std::int64_t keys = 0;  // that a token sees
    std::size_t state = 0, scratch = 0, weights = 0;
    TokenCost cost;
};

/// The plan of a shape whose token sees `keys` keys; -1: as many as it can. Throws UserError, which
/// names the field, if there can be no such layer.
Plan make_plan(const Shape& shape, int workers, std::int64_t keys);

/// One shape, in lines; and several, a row each.
std::string plan_text(const Plan& plan);
std::string plan_table(const std::vector<Plan>& plans);

/// A JSON array with an object for each plan.
std::string plan_json(const std::vector<Plan>& plans);

/// A C header with the sizes as enum constants, named NAME_STATE_BYTES and so on. Throws UserError
/// if one is larger than an int.
std::string plan_header(const std::string& name, const Plan& plan);

}  // namespace headroom::tools
