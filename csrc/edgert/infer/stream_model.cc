#include "edgert/infer/backend.h"

namespace edgert {

Result<std::unique_ptr<StreamModel>> Backend::load_on(const StreamPlace& /*place*/,
                                                      const std::string& file,
                                                      const ModelOptions& /*options*/) {
  return Status::unavailable(
      file, "backend " + std::string(name()) + " runs models on the processor only",
      "leave the model's device out");
}

}  // namespace edgert
