#include "edgert/memory/frame.h"

namespace edgert {

FrameRef make_frame() {
  return FrameRef::adopt(new Frame([](Frame* frame) noexcept { delete frame; }));
}

}  // namespace edgert
