// The few vector operations that the image kernels need.
#pragma once

#include "edgert/transform/image/simd_arithmetic.h"
#include "edgert/transform/image/simd_places.h"
