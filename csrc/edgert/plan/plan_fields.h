// The fields of a plan in the order in which they are written: one list for reading and writing.
#pragma once

#include "edgert/plan/spec.h"

namespace edgert {

template <class A>
void fields(A& a, Hash128& v) {
  a(v.high, v.low);
}
template <class A>
void fields(A& a, ValueRef& v) {
  a(v.node, v.output);
}
template <class A>
void fields(A& a, TensorSpec& v) {
  a(v.name, v.dtype, v.shape, v.max_bytes);
}
template <class A>
void fields(A& a, ModelInput& v) {
  a(v.kind, v.value, v.constant, v.constant_shape, v.state_output);
}
template <class A>
void fields(A& a, NodeSpec& v) {
  a(v.kind, v.op, v.name, v.params, v.inputs, v.scope, v.inner, v.gate, v.of, v.model,
    v.model_inputs, v.outputs, v.identity, v.private_to, v.expected, v.stateful);
}
template <class A>
void fields(A& a, ScopeSpec& v) {
  a(v.parent, v.sensor, v.region_node, v.each_node);
}
template <class A>
void fields(A& a, ImageFormat& v) {
  a(v.pixel, v.width, v.height, v.range, v.matrix, v.siting);
}
template <class A>
void fields(A& a, AudioFormat& v) {
  a(v.rate, v.channels, v.dtype, v.max_chunk);
}
template <class A>
void fields(A& a, TableFormat& v) {
  a(v.columns, v.rate, v.max_rows);
}
template <class A>
void fields(A& a, FrameFormat& v) {
  a(v.kind, v.image, v.audio, v.table);
}
template <class A>
void fields(A& a, SensorSpec& v) {
  a(v.name, v.format, v.inbox, v.queue, v.in_flight, v.node, v.scope, v.cache);
}
template <class A>
void fields(A& a, ModelSpec& v) {
  a(v.name, v.file, v.backend, v.threads, v.instances, v.batch, v.fixed, v.engine, v.content,
    v.bytes, v.private_to, v.devices);
}
template <class A>
void fields(A& a, RunPoint& v) {
  a(v.instances, v.threads, v.batch, v.p50, v.p90, v.p99, v.spread);
}
template <class A>
void fields(A& a, BesideOther& v) {
  a(v.model, v.slowdown);
}
template <class A>
void fields(A& a, ModelTimes& v) {
  a(v.threads, v.points, v.beside, v.idle);
}
template <class A>
void fields(A& a, DeviceTimes& v) {
  a(v.models, v.nodes);
}
template <class A>
void fields(A& a, DeviceSpec& v) {
  a(v.name, v.type, v.streams, v.in_flight, v.times, v.gpu);
}
template <class A>
void fields(A& a, OutputSpec& v) {
  a(v.name, v.value, v.gate);
}
template <class A>
void fields(A& a, ReuseSpec& v) {
  a(v.node, v.gate, v.recall);
}
template <class A>
void fields(A& a, PipelineSpec& v) {
  a(v.name, v.application, v.sensor, v.outputs, v.rate, v.every, v.latency, v.on_miss, v.queue,
    v.when_full, v.overload, v.share, v.reuse);
}
template <class A>
void fields(A& a, DeviceShare& v) {
  a(v.device, v.share);
}
template <class A>
void fields(A& a, ApplicationSpec& v) {
  a(v.name, v.weight, v.priority, v.rate_limit, v.queue_limit, v.memory_limit, v.device_share,
    v.cache, v.device_shares);
}
template <class A>
void fields(A& a, PlanSpec& v) {
  a(v.sensors, v.models, v.scopes, v.nodes, v.pipelines, v.applications, v.devices);
}

}  // namespace edgert
