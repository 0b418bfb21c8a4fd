#pragma once

#include <memory>
#include <vector>

#include "edgert/infer/backends/null/model_file.h"

namespace edgert::null {

class NullSession final : public Session {
 public:
  explicit NullSession(std::shared_ptr<const ModelFile> file);
  Status run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override;
  Status reset() override;

 private:
  Status write_output(std::size_t index, std::span<const Tensor> inputs, Tensor& output) const;

  std::shared_ptr<const ModelFile> file_;  // a session keeps its model alive
  std::vector<std::byte> ballast_;
  std::int64_t runs_ = 0;
};

}  // namespace edgert::null
