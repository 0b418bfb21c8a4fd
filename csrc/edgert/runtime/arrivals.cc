#include "edgert/runtime/arrivals.h"

#include <algorithm>

namespace edgert {
namespace {

Nanos part(Nanos of, double share) {
  return static_cast<Nanos>(static_cast<double>(of) * share);
}

}  // namespace

Arrivals::Arrivals(const ArrivalSpec& spec, Nanos start, std::uint64_t seed)
    : spec_(spec),
      random_(seed, static_cast<std::uint64_t>(spec.sensor) + 16),
      start_(start),
      left_(spec.frames) {
  const Nanos phase = spec.phase >= 0 ? spec.phase : part(spec.period, random_.uniform());
  beat_ = spec.kind == ArrivalSpec::Kind::kGiven ? start : start + phase;
  left_in_burst_ = spec.burst;
  plan();
}

// The next frame belongs to the beat.
void Arrivals::plan() {
  if (spec_.kind == ArrivalSpec::Kind::kGiven) {
    const bool over = given_ == spec_.times.size();
    if (!over) beat_ = std::max(beat_, start_ + spec_.times[given_]);
    if (over) left_ = 0;
  }
  next_ = beat_;
  if (spec_.kind == ArrivalSpec::Kind::kPeriodic && spec_.jitter > 0)
    next_ += part(spec_.period, spec_.jitter * random_.uniform());
  if (left_ <= 0) next_ = kNever;
}

void Arrivals::advance(Nanos at) {
  --left_;
  switch (spec_.kind) {
    case ArrivalSpec::Kind::kPeriodic:
      beat_ += spec_.period;
      break;
    case ArrivalSpec::Kind::kPoisson:
      beat_ += part(spec_.period, random_.exponential());
      break;
    case ArrivalSpec::Kind::kBursts:
      if (--left_in_burst_ > 0) {
        beat_ += spec_.within;
      } else {
        left_in_burst_ = spec_.burst;
        beat_ += part(spec_.period * spec_.burst, random_.exponential());
      }
      break;
    case ArrivalSpec::Kind::kGiven:
      ++given_;
      break;
  }
  beat_ = std::max(beat_, at);
  plan();
}

}  // namespace edgert
