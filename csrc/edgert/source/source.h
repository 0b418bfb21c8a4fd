// The seam of sources in C++: what reads one sensor and fills frames with the memory that the
// driver or decoder filled. Nothing is copied; the frame's owner keeps that memory.
//
// Thread rule: one thread uses a source (open, then next until it is over, then the destructor);
// interrupt() and the counts may come from any. Frames outlive their source.
#pragma once

#include <cstdint>
#include <memory>

#include "edgert/base/params.h"
#include "edgert/base/status.h"
#include "edgert/memory/frame.h"

namespace edgert {

class Source {
 public:
  virtual ~Source() = default;

  // Starts reading. kNotFound or kUnavailable when the sensor is not there.
  virtual Status open() = 0;

  // Waits for the next sample and fills a blank frame: kind, format, planes or samples, owner,
  // media_time, and capture where the device says it. False: it ended, or was interrupted. After an
  // error the source is over; what it gave stays good.
  virtual Result<bool> next(Frame& frame) = 0;

  // Ends a next() that waits, and all that follow. Must not block.
  virtual void interrupt() noexcept = 0;

  virtual std::uint64_t bytes_copied() const { return 0; }  // that had to be, before frames entered
  virtual std::uint64_t held_back() const { return 0; }     // dropped: readers hold too many frames
};

// A shared library offers a source by these two, with C linkage. It is built with the same compiler
// ABI and against the same version of these headers, which `edgert_source_abi` says.
inline constexpr int kSourceAbi = 1;
using SourceAbiFunction = int();  // "edgert_source_abi": returns kSourceAbi
// "edgert_make_source": a source, or null and the reason.
using MakeSourceFunction = Source*(const Params& params, Status& status);

}  // namespace edgert
