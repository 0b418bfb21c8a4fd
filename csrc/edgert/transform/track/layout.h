// The layout of tracks: rows of detections that go on with who it is, so that what reads
// detections reads tracks.
#pragma once

#include "edgert/transform/answer/detections.h"

namespace edgert {

// Columns after the detection's six: id (from 1; 0: tentative), state (0 tentative, 1 confirmed,
// 2 lost), age in s, velocity x and y in pixels a second, row of the detection (-1: none).
inline constexpr int kIdColumn = 6, kStateColumn = 7, kAgeColumn = 8, kVelocityColumn = 9,
                     kSightingColumn = 11, kTrackColumns = 12;

// An input that is tracks; an error where it is other detections.
inline Result<DetectionsInput> tracks_input(std::span<const InputFormat> inputs,
                                            std::size_t index) {
  EDGERT_ASSIGN_OR_RETURN(const DetectionsInput input, DetectionsInput::make(inputs, index));
  if (input.columns != kTrackColumns) {
    return Status::invalid("tracks", "got rows of " + std::to_string(input.columns) + " columns",
                           "put a track step between");
  }
  return input;
}

}  // namespace edgert
