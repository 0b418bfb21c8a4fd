// What libedgert_cuda.so exports, as plain C. The core opens it at run time; only files of this
// folder's library know CUDA.
#pragma once

#include <stddef.h>

extern "C" {
// Number of usable GPUs, or -(CUDA error code) with the reason in `message`.
typedef int (*edgert_cuda_count_fn)(char* message, size_t capacity);
// Name, memory and compute capability of one GPU in `message`; 0, or -(CUDA error code).
typedef int (*edgert_cuda_describe_fn)(int index, char* message, size_t capacity);
}
