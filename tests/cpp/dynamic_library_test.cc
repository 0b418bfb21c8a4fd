// Libraries opened at run time: their code may leave memory, and comes back.
#include "edgert/infer/dynamic_library.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace edgert {
namespace {

// KiB of the executable mapping around `address` that are in memory; 0 if there is none.
long resident_code(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
      inside = wanted >= begin && wanted < end;
    long kib = 0;
    if (inside && std::sscanf(line.c_str(), "Rss: %ld kB", &kib) == 1) return kib;
  }
  return 0;
}

TEST(DynamicLibrary, CodeThatLeftMemoryStillRuns) {
  auto library = DynamicLibrary::open("libm.so.6");
  ASSERT_TRUE(library.ok()) << library.status().message();
  double (*hypotenuse)(double, double) = nullptr;
  ASSERT_TRUE(library.value().resolve("hypot", hypotenuse));
  EXPECT_EQ(hypotenuse(3, 4), 5);
  const auto* code = reinterpret_cast<const volatile unsigned char*>(hypotenuse);
  const long before = resident_code(const_cast<const unsigned char*>(code));
  ASSERT_GT(before, 0);
  DynamicLibrary::release_idle_pages(DynamicLibrary::Which::kOpenedHere);
  EXPECT_LT(resident_code(const_cast<const unsigned char*>(code)), before);
  EXPECT_EQ(hypotenuse(5, 12), 13);
}

TEST(DynamicLibrary, PagesOfOthersLeaveOnlyWhenAsked) {
  const auto* code = reinterpret_cast<const void*>(&resident_code);  // this program's own
  const long before = resident_code(code);
  ASSERT_GT(before, 0);
  DynamicLibrary::release_idle_pages(DynamicLibrary::Which::kOpenedHere);
  EXPECT_GE(resident_code(code), before);
  DynamicLibrary::release_idle_pages(DynamicLibrary::Which::kAll);
  EXPECT_LT(resident_code(code), before);
}

TEST(DynamicLibrary, SaysWhyItCannotBeOpened) {
  auto library = DynamicLibrary::open("libno-such-engine.so.1");
  ASSERT_FALSE(library.ok());
  EXPECT_NE(library.status().message().find("libno-such-engine.so.1"), std::string::npos);
}

}  // namespace
}  // namespace edgert
