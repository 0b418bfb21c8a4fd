// Counts every allocation of the process: malloc and its kin are replaced by wrappers around
// glibc's own (__libc_malloc and so on are exported by glibc for this).
#pragma once

#include <cstddef>

long allocations();  // so far, of all threads
