// A plan as a file: versioned and checksummed, read by the C++ runtime without Python.
//
// Layout, little endian: "EDGERTPL", uint32 version, uint64 length of the body, the body, and its
// 128-bit hash. The body lists the fields of PlanSpec in the order of plan_fields.h.
#pragma once

#include <string>

#include "edgert/base/status.h"
#include "edgert/plan/spec.h"

namespace edgert {

inline constexpr std::uint32_t kPlanFileVersion = 10;

std::string serialise_plan(const PlanSpec& plan);
Result<PlanSpec> parse_plan(std::string_view bytes, const std::string& where);

// Written aside and renamed, so that a reader sees a whole file or none. Models' files are named by
// absolute path there.
Status save_plan(const PlanSpec& plan, const std::string& path);
Result<PlanSpec> load_plan(const std::string& path);

}  // namespace edgert
