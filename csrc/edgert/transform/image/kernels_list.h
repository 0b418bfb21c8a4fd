// The tables that the kernels' translation units define.
#pragma once

#include "edgert/transform/image/kernels.h"

namespace edgert::image {

extern const Kernels kBaselineKernels;
extern const Kernels kAvx2Kernels;  // on x86 only

}  // namespace edgert::image
