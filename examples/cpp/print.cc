#include "print.h"

#include <cmath>
#include <cstdio>
#include <string_view>

#include "edgert/memory/half.h"
#include "edgert/plan/compiled.h"

namespace {

using edgert::DType;

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

double element(const edgert::Tensor& tensor, std::int64_t i) {
  switch (tensor.dtype()) {
    case DType::kFloat32:
      return static_cast<double>(tensor.data<float>()[i]);
    case DType::kFloat16:
      return static_cast<double>(edgert::half_to_float(tensor.data<edgert::Half>()[i]));
    case DType::kFloat64:
      return tensor.data<double>()[i];
    case DType::kInt8:
      return tensor.data<std::int8_t>()[i];
    case DType::kUInt8:
      return tensor.data<std::uint8_t>()[i];
    case DType::kInt16:
      return tensor.data<std::int16_t>()[i];
    case DType::kInt32:
      return tensor.data<std::int32_t>()[i];
    case DType::kInt64:
      return static_cast<double>(tensor.data<std::int64_t>()[i]);
    case DType::kBool:
      return tensor.data<bool>()[i] ? 1 : 0;
  }
  return 0;
}

std::string entry_json(const edgert::ResultEntry& entry) {
  std::string out = "{";
  if (entry.row >= 0) out += "\"row\": " + std::to_string(entry.row) + ", ";
  out += "\"shape\": [";
  const auto dims = entry.tensor.shape().dims();
  for (std::size_t i = 0; i < dims.size(); ++i) out += (i ? ", " : "") + std::to_string(dims[i]);
  out += "], \"values\": [";
  for (std::int64_t i = 0; i < entry.tensor.elements(); ++i)
    out += (i ? ", " : "") + number(element(entry.tensor, i));
  return out + "]}";
}

std::string output_json(const edgert::ResultOutput& output) {
  if (!output.status.ok()) return "null";
  if (output.entries.size() == 1 && output.entries[0].row < 0) return entry_json(output.entries[0]);
  std::string out = "[";
  for (std::size_t i = 0; i < output.entries.size(); ++i)
    out += (i ? ", " : "") + entry_json(output.entries[i]);
  return out + "]";
}

// Of all of it, or of the first step that failed. A condition that was closed is no failure.
const edgert::Status& why_not(const edgert::Answer& answer) {
  if (!answer.status.ok()) return answer.status;
  for (const edgert::ResultOutput& output : answer.outputs)
    if (!output.status.ok() && output.status.code() != edgert::Code::kSkipped) return output.status;
  return answer.status;
}

}  // namespace

std::string to_json(const edgert::Answer& answer) {
  const edgert::PipelineOutline& pipeline = *answer.outline;
  std::string out = "{\"pipeline\": " + json_string(pipeline.application + "/" + pipeline.name) +
                    ", \"sequence\": " + std::to_string(answer.frame->sequence) +
                    ", \"media_time\": " +
                    number(static_cast<double>(answer.frame->media_time) / edgert::kSecond) +
                    ", \"status\": " + json_string(edgert::code_name(answer.status.code())) +
                    ", \"missed\": " + (answer.missed ? "true" : "false");
  const edgert::Status& error = why_not(answer);
  if (!error.ok()) out += ", \"error\": " + json_string(error.message());
  out += ", \"outputs\": {";
  for (std::size_t i = 0; i < pipeline.outputs.size(); ++i)
    out += (i ? ", " : "") + json_string(pipeline.outputs[i].name) + ": " +
           output_json(answer.outputs[i]);
  return out + "}}";
}
