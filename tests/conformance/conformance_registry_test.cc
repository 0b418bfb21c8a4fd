// The table of backends, and where engines are looked for.
#include <cstdlib>

#include "edgert/infer/engine_library.h"
#include "suite.h"

namespace edgert::conformance {
namespace {

TEST(Registry, HasTheBackendsOfTheBuild) {
  for (const char* name : {"null", "onnxruntime", "tflite"}) {
    const auto found = find_backend(name);
    ASSERT_TRUE(found.ok()) << found.status().message();
    EXPECT_EQ((*found)->name(), name);
  }
  EXPECT_EQ(backends().data(), backends().data());
}

TEST(Registry, AnUnknownNameListsTheKnownOnes) {
  const auto found = find_backend("nonesuch");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::kNotFound);
  EXPECT_NE(found.status().message().find("onnxruntime"), std::string::npos);
}

TEST(Registry, FilesFindTheirBackendByTheirEnding) {
  EXPECT_EQ((*backend_for_file("a/b.onnx"))->name(), "onnxruntime");
  EXPECT_EQ((*backend_for_file("b.tflite"))->name(), "tflite");
  EXPECT_EQ((*backend_for_file("c.null"))->name(), "null");
  const auto unknown = backend_for_file("d.docx");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.status().message().find(".tflite"), std::string::npos);
}

TEST(EngineLibrary, CandidatesAreInOrder) {
  EXPECT_EQ(engine_library_variable("some-engine"), "EDGERT_SOME_ENGINE_LIBRARY");
  EXPECT_EQ(engine_library_candidates("some-engine", "libsome.so"),
            std::vector<std::string>{"libsome.so"});
  set_engine_library("some-engine", "/wheel/libsome.so");
  setenv("EDGERT_SOME_ENGINE_LIBRARY", "/mine/libsome.so", 1);
  EXPECT_EQ(engine_library_candidates("some-engine", "libsome.so"),
            (std::vector<std::string>{"/mine/libsome.so", "/wheel/libsome.so", "libsome.so"}));
  unsetenv("EDGERT_SOME_ENGINE_LIBRARY");
}

TEST(EngineLibrary, AnAbsentEngineIsAnOrdinaryAnswer) {
  const auto opened = open_engine_library("absent-engine", "libabsent.so.9", "pip install absent");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), Code::kUnavailable);
  for (const char* part : {"libabsent.so.9", "pip install absent", "EDGERT_ABSENT_ENGINE_LIBRARY"})
    EXPECT_NE(opened.status().message().find(part), std::string::npos) << part;
}

TEST(EngineLibrary, OpensWhatIsThere) {
  auto opened = DynamicLibrary::open("libm.so.6");
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  EXPECT_NE(opened->path().find('/'), std::string::npos);
  double (*cosine)(double) = nullptr;
  ASSERT_TRUE(opened->resolve("cos", cosine));
  EXPECT_EQ(cosine(0), 1);
  EXPECT_EQ(opened->symbol("no_such_function"), nullptr);
}

}  // namespace
}  // namespace edgert::conformance
