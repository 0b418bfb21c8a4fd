#include "edgert/base/param_reads.h"

#include <utility>

namespace edgert {
namespace {

thread_local ParamReads* innermost = nullptr;

}  // namespace

ParamReads::ParamReads(const Params& params) : params_(params), outer_(innermost) {
  innermost = this;
}

ParamReads::~ParamReads() {
  innermost = outer_;
}

ParamReads* ParamReads::of(const Params& params) {
  ParamReads* reads = innermost;
  while (reads && &reads->params_ != &params) reads = reads->outer_;
  return reads;
}

void ParamReads::asked(const Params& params, std::string_view name) {
  if (ParamReads* reads = of(params)) reads->reads_[std::string(name)].asked = true;
}

void ParamReads::gave(const Params& params, std::string_view name, const ParamValue& value) {
  ParamReads* reads = of(params);
  if (!reads) return;
  Read& read = reads->reads_[std::string(name)];
  if (read.settled) return;
  if (!read.given) read.given = value;
  read.differs = read.differs || read.given != value;
}

void ParamReads::means(const Params& params, std::string_view name, ParamValue value) {
  if (ParamReads* reads = of(params))
    reads->reads_[std::string(name)] = {std::move(value), false, false, true};
}

Params ParamReads::meant() const {
  Params meant = params_;
  for (const auto& [name, read] : reads_) {
    const bool by_presence = read.asked && !read.settled && !params_.values().contains(name);
    if (read.given && !read.differs && !by_presence) meant.set(name, *read.given);
  }
  return meant;
}

}  // namespace edgert
