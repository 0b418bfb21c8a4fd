// detections.of_tile and detections.join_tiles: a large frame seen tile by tile, each object once.
//
// A tile's edge cuts objects: the piece in one tile overlaps little with the whole in the next, so
// that plain suppression keeps both, and may prefer the piece. So each tile marks what touches an
// edge behind which the frame goes on; joining ranks what is whole before what is cut, drops
// pieces that lie in something found, and unites pieces that continue each other.
#include <algorithm>
#include <string>

#include "edgert/transform/geometry.h"
#include "edgert/transform/track/layout.h"
#include "edgert/transform/track/operations.h"

namespace edgert {
namespace {

enum Cut { kCutLeft = 1, kCutTop = 2, kCutRight = 4, kCutBottom = 8 };

class OfTile final : public Transform {
 public:
  static constexpr std::string_view kName = "detections.of_tile";
  static Result<OfTile> make(const Params& params, std::span<const InputFormat> inputs) {
    EDGERT_RETURN_IF_ERROR(params.only({"margin"}));
    OfTile op;
    EDGERT_ASSIGN_OR_RETURN(op.detections_, DetectionsInput::make(inputs, 0));
    EDGERT_RETURN_IF_ERROR(check_frame(inputs, 1));
    if (inputs.size() != 3 || !inputs[2].tensor || inputs[2].tensor->shape != Shape{5}) {
      return Status::invalid("detections", "need the frame and the region of the tile");
    }
    EDGERT_ASSIGN_OR_RETURN(op.margin_, real_option(params, "margin", 0.02, 0, 0.5));
    op.spec_ = detections_spec(op.detections_.max_rows, op.detections_.columns + kPointColumns);
    return op;
  }

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  bool cheap() const override { return true; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_ASSIGN_OR_RETURN(const int rows, detections_.rows(inputs[0]));
    const Region tile = Region::from_tensor(*inputs[2].tensor);
    const ImageFormat& image = inputs[1].frame->image;
    const int columns = detections_.columns, wider = columns + kPointColumns;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{rows, wider}));
    const float* row = inputs[0].tensor->data<const float>();
    float* out = context.output(0).data<float>();
    for (int i = 0; i < rows; ++i, row += columns, out += wider) {
      std::fill(std::copy_n(row, columns, out), out + wider, 0.0f);
      out[columns] = static_cast<float>(cuts(row, tile, image));
    }
    return {};
  }

 private:
  int cuts(const float* box, const Region& tile, const ImageFormat& image) const {
    const float x0 = tile.cx - tile.width / 2, x1 = tile.cx + tile.width / 2;
    const float y0 = tile.cy - tile.height / 2, y1 = tile.cy + tile.height / 2;
    const float x = margin_ * tile.width, y = margin_ * tile.height;
    return (x0 > 1 && box[0] < x0 + x ? kCutLeft : 0) | (y0 > 1 && box[1] < y0 + y ? kCutTop : 0) |
           (x1 < static_cast<float>(image.width - 1) && box[2] > x1 - x ? kCutRight : 0) |
           (y1 < static_cast<float>(image.height - 1) && box[3] > y1 - y ? kCutBottom : 0);
  }

  DetectionsInput detections_;
  float margin_ = 0;
  TensorSpec spec_;
};

struct Piece {
  Box box;
  float score;
  std::int32_t index, label, cut;
  bool gone;
};

float common(float a0, float a1, float b0, float b1) {
  return std::min(a1, b1) - std::max(a0, b0);
}

// Whether two intervals are much the same.
bool alike(float a0, float a1, float b0, float b1) {
  const float both = common(a0, a1, b0, b1);
  return both > 0.5f * (a1 - a0 + b1 - b0 - both);
}

// Whether `b` goes on behind the edge that cut `a`.
bool continues(const Piece& a, const Piece& b) {
  const bool sideways =
      ((a.cut & kCutRight) && (b.cut & kCutLeft)) || ((a.cut & kCutLeft) && (b.cut & kCutRight));
  const bool upwards =
      ((a.cut & kCutBottom) && (b.cut & kCutTop)) || ((a.cut & kCutTop) && (b.cut & kCutBottom));
  const float x = common(a.box.x0, a.box.x1, b.box.x0, b.box.x1);
  const float y = common(a.box.y0, a.box.y1, b.box.y0, b.box.y1);
  return (sideways && x >= 0 && alike(a.box.y0, a.box.y1, b.box.y0, b.box.y1)) ||
         (upwards && y >= 0 && alike(a.box.x0, a.box.x1, b.box.x0, b.box.x1));
}

class JoinTiles final : public Transform {
 public:
  static constexpr std::string_view kName = "detections.join_tiles";
  static Result<JoinTiles> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  std::size_t collect(const float* row, int rows, Piece* out) const;
  bool same(const Piece& leader, const Piece& other) const;
  void merge(std::span<Piece> pieces) const;

  DetectionsInput detections_;
  float iou_ = 0, inside_ = 0;
  bool class_aware_ = true;
  int max_rows_ = 0;
  TensorSpec spec_;
};

Result<JoinTiles> JoinTiles::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"iou", "inside", "class_aware", "max_detections"}));
  JoinTiles op;
  EDGERT_ASSIGN_OR_RETURN(op.detections_, DetectionsInput::make(inputs, 0));
  if (op.detections_.keypoints() < 1) {
    return Status::invalid("detections", "have no marks of their tiles",
                           "put detections.of_tile and gather before");
  }
  EDGERT_ASSIGN_OR_RETURN(op.iou_, real_option(params, "iou", 0.5, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(op.inside_, real_option(params, "inside", 0.6, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(op.class_aware_, params.boolean("class_aware", true));
  const int most = std::min(op.detections_.max_rows, kMaxDetections);
  EDGERT_ASSIGN_OR_RETURN(op.max_rows_,
                          whole_option(params, "max_detections", most, 1, kMaxDetections));
  op.max_rows_ = std::min(op.max_rows_, most);
  op.spec_ = detections_spec(op.max_rows_, op.detections_.columns - kPointColumns);
  return op;
}

std::size_t JoinTiles::collect(const float* row, int rows, Piece* out) const {
  const int columns = detections_.columns;
  std::size_t found = 0;
  for (std::int32_t i = 0; i < rows; ++i, row += columns) {
    const Box box{row[0], row[1], row[2], row[3]};
    const float mark = row[columns - kPointColumns];
    if (!box.valid() || !std::isfinite(row[kScoreColumn]) || !within_reach(row[kClassColumn]) ||
        !within_reach(mark)) {
      continue;
    }
    out[found++] = {box,
                    row[kScoreColumn],
                    i,
                    static_cast<std::int32_t>(row[kClassColumn]),
                    static_cast<std::int32_t>(mark),
                    false};
  }
  return found;
}

bool JoinTiles::same(const Piece& leader, const Piece& other) const {
  if (class_aware_ && leader.label != other.label) return false;
  if (overlap(leader.box, other.box) > iou_) return true;
  if (!other.cut) return false;
  const float x = common(leader.box.x0, leader.box.x1, other.box.x0, other.box.x1);
  const float y = common(leader.box.y0, leader.box.y1, other.box.y0, other.box.y1);
  if (x > 0 && y > 0 && x * y > inside_ * other.box.area()) return true;
  return leader.cut && continues(leader, other);
}

void JoinTiles::merge(std::span<Piece> pieces) const {
  std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
    if ((a.cut == 0) != (b.cut == 0)) return a.cut == 0;
    return a.score > b.score || (a.score == b.score && a.index < b.index);
  });
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Piece& leader = pieces[i];
    if (leader.gone) continue;
    for (Piece& other : pieces.subspan(i + 1)) {
      if (other.gone || !same(leader, other)) continue;
      other.gone = true;
      if (!leader.cut) continue;
      leader.box = {std::min(leader.box.x0, other.box.x0), std::min(leader.box.y0, other.box.y0),
                    std::max(leader.box.x1, other.box.x1), std::max(leader.box.y1, other.box.y1)};
      leader.cut |= other.cut;
    }
  }
}

Status JoinTiles::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, detections_.rows(inputs[0]));
  auto* area =
      reinterpret_cast<Piece*>(context.scratch(static_cast<std::size_t>(rows) * sizeof(Piece)));
  const float* in = inputs[0].tensor->data<const float>();
  std::span<Piece> pieces(area, collect(in, rows, area));
  merge(pieces);
  const auto gone = std::ranges::remove_if(pieces, &Piece::gone);
  pieces = pieces.first(pieces.size() - gone.size());
  std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
    return a.score > b.score || (a.score == b.score && a.index < b.index);
  });
  pieces = pieces.first(std::min(pieces.size(), static_cast<std::size_t>(max_rows_)));
  const int columns = detections_.columns - kPointColumns;
  EDGERT_RETURN_IF_ERROR(
      context.allocate(0, Shape{static_cast<std::int64_t>(pieces.size()), columns}));
  float* out = context.output(0).data<float>();
  for (const Piece& piece : pieces) {
    float* row = out;
    out = std::copy_n(in + piece.index * detections_.columns, columns, out);
    row[0] = piece.box.x0, row[1] = piece.box.y0, row[2] = piece.box.x1, row[3] = piece.box.y1;
  }
  return {};
}

}  // namespace

TransformEntry mark_tile_entry() {
  return entry_of<OfTile>();
}
TransformEntry join_tiles_entry() {
  return entry_of<JoinTiles>();
}

}  // namespace edgert
