// The tables that the kernels' translation units define.
#pragma once

#include "edgert/transform/image/kernels.h"

namespace edgert::image {

extern const Kernels kBaselineKernels;
// On x86 only.
extern const Kernels kSsse3Kernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

}  // namespace edgert::image
