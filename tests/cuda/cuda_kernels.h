// Kernels that tests put on streams.
#pragma once

namespace cuda_test {

// to[i] = from[i] + 1, after waiting for so many nanoseconds. 0, or a CUDA error code.
int add_one(const float* from, float* to, int count, long long wait, void* stream);
// An access to an address that nobody has.
int write_nowhere(void* stream);

}  // namespace cuda_test
