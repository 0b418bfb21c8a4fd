#include "edgert/transform/jpeg/decoder.h"

#include <cstring>
#include <string>

#include "edgert/transform/jpeg/turbojpeg.h"

namespace edgert {
namespace {

constexpr int kMaxSide = 16384;
constexpr std::uint32_t kMostFrames = 64;

int even(int pixels) {
  return (pixels + 1) / 2 * 2;
}
std::int64_t stride_of(int bytes) {
  return (bytes + 63) / 64 * 64;
}

// Two samples each way become one, or (of 4:2:2, whose rows are short already) two below each
// other. An odd last row or column counts twice. `width` and `height` are those of the picture.
void average(std::uint8_t* plane, std::int64_t from_stride, std::int64_t to_stride, int width,
             int height, bool across) {
  for (int y = 0; y < even(height) / 2; ++y) {
    const std::uint8_t* top = plane + 2 * y * from_stride;
    const std::uint8_t* low = 2 * y + 1 < height ? top + from_stride : top;
    std::uint8_t* to = plane + y * to_stride;  // never ahead of what is read
    for (int x = 0; x < even(width) / 2; ++x) {
      const int left = across ? 2 * x : x;
      const int right = across && left + 1 < width ? left + 1 : left;
      const int sum = top[left] + top[right] + low[left] + low[right];
      to[x] = static_cast<std::uint8_t>((sum + 2) / 4);
    }
  }
}

}  // namespace

struct JpegDecoder::Picture {
  int width, height, subsampling;

  bool gray() const { return subsampling == TurboJpeg::kGray; }
  // Chroma as it is decoded.
  int chroma_width() const {
    return subsampling == TurboJpeg::k444 ? even(width) : even(width) / 2;
  }
  int chroma_height() const {
    return subsampling == TurboJpeg::k420 ? even(height) / 2 : even(height);
  }
};

Result<std::unique_ptr<JpegDecoder>> JpegDecoder::open() {
  EDGERT_ASSIGN_OR_RETURN(const TurboJpeg* api, turbojpeg());
  void* handle = api->init_decompress();
  if (!handle) return Status(Code::kExhausted, "JPEG decoder", "no memory for it");
  return std::unique_ptr<JpegDecoder>(new JpegDecoder(handle));
}

JpegDecoder::~JpegDecoder() {
  if (handle_) (*turbojpeg())->destroy(handle_);
}

Status JpegDecoder::failure(const char* what) {
  const TurboJpeg& api = **turbojpeg();
  Status status = Status::invalid("JPEG picture", std::string(what) + api.error_text(handle_),
                                  "check the file or the camera's cable");
  // A handle that failed within a header goes on from there with the next picture.
  api.destroy(handle_);
  handle_ = api.init_decompress();
  return status;
}

Result<JpegDecoder::Picture> JpegDecoder::header(std::span<const std::uint8_t> data) {
  Picture p{};
  int colour_space = 0;
  if (!handle_) return Status(Code::kExhausted, "JPEG decoder", "no memory for it");
  if ((*turbojpeg())
          ->decompress_header(handle_, data.data(), data.size(), &p.width, &p.height,
                              &p.subsampling, &colour_space) != 0) {
    return failure("has no header that can be read: ");
  }
  if (p.width < 1 || p.height < 1 || p.width > kMaxSide || p.height > kMaxSide) {
    return Status::invalid("JPEG picture",
                           "of " + std::to_string(p.width) + "×" + std::to_string(p.height),
                           "at most " + std::to_string(kMaxSide) + " each way");
  }
  const bool known = p.subsampling >= TurboJpeg::k444 && p.subsampling <= TurboJpeg::kGray;
  if (!known || (!p.gray() && colour_space != TurboJpeg::kYCbCr)) {
    return Status(Code::kUnavailable, "JPEG picture",
                  "of a rare kind (CMYK, RGB, or chroma of 4:4:0 or 4:1:1)",
                  "decode it with PyAV, or save it as an ordinary JPEG");
  }
  return p;
}

BufferRef JpegDecoder::memory(std::size_t bytes) {
  if (!pool_ || pool_->buffer_size() < bytes) {
    pool_ = std::make_unique<BufferPool>(bytes, kMostFrames);  // the old one's buffers live on
  }
  return pool_->take();
}

Status JpegDecoder::decode(std::span<const std::uint8_t> data, Frame& frame) {
  EDGERT_ASSIGN_OR_RETURN(const Picture p, header(data));
  const std::int64_t luma_stride = stride_of(even(p.width));
  const std::int64_t decoded_stride = stride_of(p.chroma_width());
  const auto luma_bytes = static_cast<std::size_t>(luma_stride * even(p.height));
  const auto chroma_bytes =
      p.gray() ? 0 : static_cast<std::size_t>(decoded_stride * p.chroma_height());
  BufferRef owner = memory(luma_bytes + 2 * chroma_bytes);
  if (!owner) {
    return Status(Code::kExhausted, "JPEG decoder", "too many of its frames are held by readers",
                  "let results go sooner");
  }
  auto* luma = reinterpret_cast<unsigned char*>(owner->data());
  unsigned char* planes[3] = {luma, luma + luma_bytes, luma + luma_bytes + chroma_bytes};
  int strides[3] = {static_cast<int>(luma_stride), static_cast<int>(decoded_stride),
                    static_cast<int>(decoded_stride)};
  const TurboJpeg& api = **turbojpeg();
  if (api.decompress_to_planes(handle_, data.data(), data.size(), planes, p.width, strides,
                               p.height, 0) != 0 &&
      !std::strstr(api.error_text(handle_), "extraneous")) {  // bytes between parts do no harm
    return failure("is damaged: ");
  }
  frame.kind = FrameKind::kImage;
  frame.image = {p.gray() ? PixelFormat::kGray8 : PixelFormat::kYuv420p,
                 p.width,
                 p.height,
                 ColourRange::kFull,
                 ColourMatrix::kBt601,
                 ChromaSiting::kCentre};
  frame.plane_count = p.gray() ? 1 : 3;
  frame.planes[0] = {planes[0], luma_stride, p.width, p.height};
  const int width = even(p.width) / 2, height = even(p.height) / 2;
  for (int c = 1; c < frame.plane_count; ++c) {
    const std::int64_t stride = stride_of(width);
    if (p.subsampling != TurboJpeg::k420) {
      average(planes[c], decoded_stride, stride, p.width, p.height,
              p.subsampling == TurboJpeg::k444);
    }
    frame.planes[static_cast<std::size_t>(c)] = {planes[c], stride, width, height};
  }
  frame.owner = std::move(owner);
  return {};
}

}  // namespace edgert
