// The test's source as a shared library, and (with OLD) one of another version of the seam.
#include "test_source.h"

extern "C" int edgert_source_abi() {
#ifdef OLD
  return edgert::kSourceAbi + 1;
#else
  return edgert::kSourceAbi;
#endif
}

extern "C" edgert::Source* edgert_make_source(const edgert::Params& params,
                                              edgert::Status& status) {
  auto made = edgert::testing::make_test_source(params);
  if (made.ok()) return std::move(made).value().release();
  status = made.status();
  return nullptr;
}
