#include "edgert/transform/image/kept_sampling.h"

#include <memory>

namespace edgert::image {

KeptSampling::~KeptSampling() {
  delete kept_.load();
}

const Sampling* KeptSampling::get(const Kernels& kernels, const View& view, const Affine& to_frame,
                                  const Options& options) {
  // Acquires what make() wrote before it published.
  const Kept* kept = kept_.load(std::memory_order_acquire);
  if (!kept) kept = make(kernels, view, to_frame, options);
  return kept->format == view.format ? &kept->sampling : nullptr;
}

const KeptSampling::Kept* KeptSampling::make(const Kernels& kernels, const View& view,
                                             const Affine& to_frame, const Options& options) {
  auto made = std::make_unique<Kept>(Kept{view.format, {}, Sampling(view, to_frame, options)});
  Scratch sizes(nullptr);
  made->sampling.take(sizes);
  made->memory = allocate_buffer(sizes.used());
  Scratch memory(made->memory->data());
  made->sampling.take(memory);
  made->sampling.fill(kernels, view);
  const Kept* found = nullptr;  // another thread's, when that was first
  if (!kept_.compare_exchange_strong(found, made.get())) return found;
  return made.release();
}

}  // namespace edgert::image
