"""The native module. Made by tools/make_stub.py; not to be changed by hand."""
from __future__ import annotations
import collections.abc
import numpy.typing
import numpy.typing
import typing
import typing_extensions
__all__: list[str] = ['CancelledError', 'DeadlineError', 'EngineError', 'Error', 'ExhaustedError', 'Frame', 'InternalError', 'InvalidError', 'JpegDecoder', 'LeasedFrame', 'Model', 'NotFoundError', 'Operation', 'PipelinePort', 'PlanBuilder', 'PlanSpec', 'PreparedPlan', 'PythonCalls', 'Result', 'Runtime', 'SensorPort', 'Session', 'ShareClient', 'Simulation', 'Source', 'SourceFrame', 'UnavailableError', 'Value', 'backends', 'dedicate_process', 'devices', 'engine_version', 'load_model', 'load_plugin', 'measure', 'plugin_abi', 'registered_transforms', 'set_engine_library', 'transforms', 'version']
class Error(Exception):
    """
    What went wrong: `code`, `where`, `what`, and in `hint` what to do.
    """
    # Set on each error.
    code: str
    where: str
    what: str
    hint: str
class InvalidError(Error, ValueError):
    """
    The caller's data or document is wrong.
    """
class NotFoundError(Error, LookupError):
    """
    A named thing is not there.
    """
class UnavailableError(Error):
    """
    An engine, device or sensor is not there on this machine.
    """
class ExhaustedError(Error):
    """
    Memory, a quota or a queue is used up.
    """
class DeadlineError(Error, TimeoutError):
    """
    A bound passed.
    """
class CancelledError(Error):
    """
    Nobody waits for it any more.
    """
class EngineError(Error):
    """
    An inference engine reported a failure.
    """
class InternalError(Error):
    """
    A bug in edgert.
    """
class Frame:
    """
    One immutable sample of a sensor. Its arrays are read-only views of the source's memory.
    """
    @property
    def height(self) -> int:
        """
        Pixels; 0 if this is no image.
        """
    @property
    def matrix(self) -> str:
        ...
    @property
    def pixel(self) -> str:
        ...
    @property
    def planes(self) -> list[typing.Any]:
        """
        uint8 arrays [height, width] or [height, width, components], strided as the source laid them.
        """
    @property
    def range(self) -> str:
        ...
    @property
    def samples(self) -> typing.Any:
        """
        Audio [n, channels] or table rows [n, columns]; None for an image.
        """
    @property
    def width(self) -> int:
        """
        Pixels; 0 if this is no image.
        """
class JpegDecoder:
    """
    JPEG pictures to planes by libjpeg-turbo; raises UnavailableError where it isn't there. For one thread.
    """
    def __init__(self) -> None:
        ...
    def decode(self, data: typing_extensions.Buffer) -> dict[str, typing.Any]:
        """
        A picture's planes, strides, width, height and pixel format (yuv420p or gray, full range, BT.601, chroma in the centre). Raises InvalidError for a damaged one.
        """
class Model:
    """
    A loaded model. Its weights are in memory once, whatever the number of sessions.
    """
    def session(self) -> Session:
        """
        A session: one run at a time; make one a thread.
        """
    @property
    def backend(self) -> str:
        ...
    @property
    def file(self) -> str:
        ...
    @property
    def inputs(self) -> list[typing.Any]:
        """
        List of dicts: name, dtype, shape (-1: free).
        """
    @property
    def metadata(self) -> dict[str, typing.Any]:
        """
        What the file says of itself.
        """
    @property
    def outputs(self) -> list[typing.Any]:
        """
        List of dicts: name, dtype, shape (-1: free).
        """
class Session:
    """
    One concurrency context of a model.
    """
    def __init__(self, model: Model) -> None:
        ...
    @typing.overload
    def run(self, inputs: typing.Any) -> dict[str, typing.Any]:
        """
        Runs the model. `inputs`: a dict by name, a list in the model's order, or the one array; C-contiguous NumPy arrays of the
        model's dtypes and shapes, read in place. Returns a dict of arrays by output name. Raises InvalidError, EngineError.
        """
    @typing.overload
    def run(self, *args: typing.Any, **kwargs: typing.Any) -> dict[str, typing.Any]:
        """
        The same with several inputs in the model's order, `run(a, b)`, or by name, `run(image=x)`.
        """
class Operation:
    """
    One operation of docs/operations.md by itself, on NumPy arrays.
    """
    def __init__(self, op: str, params: dict[str, typing.Any], inputs: list[typing.Any]) -> None:
        """
        `inputs`: for each a frame's format (a dict with `kind`), or a tensor's: dtype, shape (-1: free), and max_bytes where that is free. Raises InvalidError.
        """
    def reset(self) -> None:
        """
        Forgets what a stateful one has seen.
        """
    def run(self, inputs: list[typing.Any], media_time: typing.SupportsFloat = 0.0, gap: bool = False, last: bool = False) -> list[typing.Any]:
        """
        Runs it once. A picture is a list of planes [height, width] or [height, width, bytes]; another frame is its samples [n, channels] or rows. Returns the outputs, read-only; those that share an input's memory do so here. Frames count up by themselves.
        """
    @property
    def cheap(self) -> bool:
        ...
    @property
    def last_seconds(self) -> float:
        """
        What the last run took by the clock.
        """
    @property
    def outputs(self) -> list[typing.Any]:
        """
        List of dicts: name, dtype, shape (-1: free), max_bytes.
        """
    @property
    def seconds(self) -> float:
        """
        CPU time spent in the operation itself so far.
        """
    @property
    def stateful(self) -> bool:
        ...
class Value:
    """
    One output of one node of a plan under construction.
    """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def out(self, index: typing.SupportsInt) -> Value:
        """
        Another output of the same node.
        """
    @property
    def identity(self) -> str:
        """
        Hash of the operation, its parameters and its inputs.
        """
    @property
    def node(self) -> int:
        ...
    @property
    def output(self) -> int:
        ...
    @property
    def scope(self) -> int:
        """
        Where it runs; a sensor's own scope, or one opened by region().
        """
    @property
    def spec(self) -> dict[str, typing.Any]:
        """
        A tensor's name, dtype and shape (-1: known at run time), or a frame's format.
        """
class PlanSpec:
    """
    A finished plan.
    """
    @staticmethod
    def load(path: str) -> PlanSpec:
        ...
    def describe(self) -> dict[str, typing.Any]:
        """
        Plain data: nodes with who wants them, sensors, models, pipelines.
        """
    def save(self, path: str) -> None:
        ...
class PlanBuilder:
    """
    Builds a plan; equal nodes are one, whoever asks. Errors name the place.
    """
    @staticmethod
    def outputs(op: str, params: dict[str, typing.Any], inputs: list[typing.Any]) -> list[typing.Any]:
        """
        The outputs' specs of an operation on inputs of these specs; adds no node.
        """
    def __init__(self, fuse: bool = True) -> None:
        ...
    def application(self, name: str, weight: typing.SupportsFloat = 1.0, *, priority: typing.SupportsInt = 0, rate_limit: typing.SupportsFloat = 0.0, queue_limit: typing.SupportsInt = 0, memory_limit: typing.SupportsInt = 0, share: typing.SupportsFloat = 0.0, shares: collections.abc.Mapping[str, typing.SupportsFloat] = {}, cache: str = 'own') -> None:
        """
        Limits of 0 are none. `share` is of each device's time, `shares` of those that are named there. `cache`: who gets its results of equal content (own, others, off).
        """
    def device(self, name: str, type: str = 'sim', streams: typing.SupportsInt = 1, in_flight: typing.SupportsInt = 2, gpu: typing.SupportsInt = 0) -> int:
        """
        A device on whose streams models run: of type sim, or cuda, a GPU's. Returns its index.
        """
    def expect(self, model: typing.SupportsInt, run_ms: typing.SupportsFloat) -> None:
        """
        What a run of it should take, until runs are measured; of the nodes added so far.
        """
    def finish(self) -> PlanSpec:
        ...
    def gate(self, value: Value, index: typing.SupportsInt = 0, above: typing.SupportsFloat | None = None, below: typing.SupportsFloat | None = None, reduce: str = 'any', hold_ms: typing.SupportsFloat = 0.0, under: Value | None = None, name: str = '') -> Value:
        ...
    def gather(self, value: Value, stack: bool = True) -> Value:
        ...
    def join(self, frame: Value, value: Value, by: str = 'nearest', tolerance_ms: typing.SupportsFloat | None = None, wait_ms: typing.SupportsFloat | None = None, clock: str = 'capture', rows: bool = False, under: Value | None = None, name: str = '') -> Value:
        """
        What `value`, of another sensor, gave at the time of `frame`, a sensor's own value.
        """
    def model(self, name: str, file: str, backend: str = '', threads: typing.SupportsInt = 1, instances: typing.SupportsInt = 0, engine: dict[str, typing.Any] = {}, batch: typing.SupportsInt = 1, devices: collections.abc.Sequence[typing.SupportsInt] = [-1]) -> int:
        """
        Works that may run as one: `batch` at most. `devices`: what device() returned, or -1: the processor. It is loaded on each, and runs on the first until set_places().
        """
    def model_io(self, model: typing.SupportsInt) -> dict[str, typing.Any]:
        ...
    def pipeline(self, name: str, application: str, sensor: Value, outputs: collections.abc.Sequence[tuple[str, Value, Value | None]], rate: typing.SupportsFloat = 0.0, every: typing.SupportsInt = 1, latency_ms: typing.SupportsFloat = 0.0, on_miss: str = 'drop', queue: typing.SupportsInt = 16, when_full: str = 'block', overload: str = 'drop', share: str = 'all', reuse: collections.abc.Sequence[tuple[Value, typing.SupportsFloat, Value | None, typing.SupportsFloat, collections.abc.Sequence[typing.SupportsInt]]] = []) -> int:
        """
        `reuse`: (value, max_age_ms, cells or None, threshold, range of cells) of each value of which an earlier result serves.
        """
    def private_to(self, owner: str) -> None:
        """
        What is added from now on is this owner's alone; empty: shared by all.
        """
    def region(self, rows: Value, apart: str = '') -> Value:
        """
        What runs once for each row; with another `apart`, on rows of its own.
        """
    def run_model(self, model: typing.SupportsInt, inputs: collections.abc.Mapping[str, Value], constants: collections.abc.Mapping[str, numpy.typing.NDArray[typing.Any]] = {}, state: collections.abc.Mapping[str, str] = {}, name: str = '', carry_over_gaps: bool = False) -> Value:
        ...
    def run_times(self, device: typing.SupportsInt, model: typing.SupportsInt, times: dict[str, typing.Any]) -> None:
        """
        How long a model's runs take on a simulated device: a dict of threads, points and beside, as Simulation takes it; idle: ms more of a run that finds its stream idle.
        """
    def sensor(self, name: str, format: dict[str, typing.Any], inbox: str = 'block', queue: typing.SupportsInt = 4, in_flight: typing.SupportsInt = 4, cache: bool = False) -> Value:
        ...
    def transform(self, op: str, params: dict[str, typing.Any], inputs: collections.abc.Sequence[Value], name: str = '') -> Value:
        ...
    def waits_for_itself(self, sensor: Value, outputs: collections.abc.Sequence[tuple[str, Value, Value | None]]) -> bool:
        """
        Whether a pipeline with these outputs has conditions that, with those of the pipelines that are there, wait for each other.
        """
    @property
    def fuses(self) -> bool:
        """
        Whether transforms that one pass can do become one node.
        """
class PythonCalls:
    """
    What lanes ask of one transform in Python; see edgert.transforms.
    """
    def close(self) -> None:
        ...
    def fail(self, what: str, hint: str) -> None:
        ...
    def give(self, outputs: collections.abc.Sequence[numpy.typing.NDArray[typing.Any]]) -> None:
        ...
    def take(self) -> typing.Any:
        """
        Waits for a call: (inputs, reset), or None once nobody will call.
        """
class Result:
    """
    What a pipeline says of one frame.
    """
    @property
    def age_ms(self) -> float:
        """
        How old the oldest thing is that it used; 0: all is of its frame. Of a stale answer: since the capture of the frame that it is of.
        """
    @property
    def ages_ms(self) -> dict[str, typing.Any]:
        """
        By output, of those that used something of an earlier frame.
        """
    @property
    def application(self) -> str:
        ...
    @property
    def cached(self) -> bool:
        """
        All of it was computed for another request of equal content.
        """
    @property
    def capture_ns(self) -> int:
        """
        Monotonic clock.
        """
    @property
    def deadline_missed(self) -> bool:
        ...
    @property
    def error(self) -> typing.Any:
        """
        The exception that tells why, or None.
        """
    @property
    def frame(self) -> Frame:
        ...
    @property
    def generation(self) -> int:
        """
        Of the runtime's plans the one that it was made by, counted from 1.
        """
    @property
    def latency_ms(self) -> float:
        """
        From capture to result.
        """
    @property
    def media_time(self) -> float:
        """
        Seconds in the recording, or since the sensor's start.
        """
    @property
    def outcome(self) -> str:
        """
        'ok', 'late', 'skipped', 'dropped', 'failed' or 'stale': how it ended, one of them.
        """
    @property
    def outputs(self) -> dict[str, typing.Any]:
        """
        By name: an array, a list of (row, array) for what runs by regions or windows, or None.
        """
    @property
    def pipeline(self) -> str:
        ...
    @property
    def rows(self) -> dict[str, typing.Any]:
        """
        For the latter: regions [k, 5], or times [k, 2] of windows in seconds.
        """
    @property
    def sensor(self) -> str:
        ...
    @property
    def sequence(self) -> int:
        """
        Of the frame, counted from 0.
        """
    @property
    def stages(self) -> dict[str, typing.Any]:
        """
        Milliseconds: decode, inbox, transform, model, queue, total.
        """
    @property
    def status(self) -> str:
        """
        'ok', 'deadline', 'engine' …: of the first output that failed.
        """
class SourceFrame:
    """
    A frame of a C++ source; SensorPort.push_frame() takes it.
    """
    gap: bool
    @property
    def addresses(self) -> list[typing.Any]:
        """
        Of the planes; 0: not mapped for the CPU.
        """
    @property
    def capture(self) -> float | None:
        """
        When it was taken, on the monotonic clock in seconds; None: the source doesn't say.
        """
    @capture.setter
    def capture(self, arg1: typing.SupportsFloat | None) -> None:
        ...
    @property
    def decode_ms(self) -> float:
        ...
    @property
    def media_time(self) -> float:
        ...
    @media_time.setter
    def media_time(self, arg1: typing.SupportsFloat) -> None:
        ...
class Source:
    """
    A source in C++: 'gstreamer', 'library', or what a program registered. One thread reads it.
    """
    def __init__(self, type: str, params: dict[str, typing.Any]) -> None:
        ...
    def interrupt(self) -> None:
        """
        Ends next(); from any thread.
        """
    def next(self) -> SourceFrame | None:
        """
        The next frame; None at the end, or when interrupted.
        """
    def open(self) -> None:
        ...
    @property
    def bytes_copied(self) -> int:
        ...
    @property
    def held_back(self) -> int:
        ...
class SensorPort:
    """
    Where a source pushes a sensor's frames. True: taken; False: dropped, and counted.
    """
    def finish(self) -> None:
        """
        No more frames will come.
        """
    def held(self) -> int:
        """
        Lent frames whose memory is still used.
        """
    def push_frame(self, frame: SourceFrame, timeout: typing.SupportsFloat | None = None) -> bool:
        """
        A frame of a C++ source.
        """
    def push_image(self, planes: collections.abc.Sequence[typing.Any], strides: collections.abc.Sequence[typing.SupportsInt], width: typing.SupportsInt, height: typing.SupportsInt, pixel: str, range: str = 'video', matrix: str = 'bt601', siting: str = 'left', media_time: typing.SupportsFloat = -1.0, decode_ms: typing.SupportsFloat = 0.0, gap: bool = False, timeout: typing.SupportsFloat | None = None, capture: typing.SupportsFloat = -1.0, lent: bool = False) -> bool:
        """
        Objects with the buffer protocol, one a plane, kept alive and never copied; strides in bytes. `capture` is on the monotonic clock, in seconds; below 0, now less decode_ms. `lent` frames count in held().
        """
    def push_samples(self, array: numpy.typing.NDArray[typing.Any], media_time: typing.SupportsFloat = -1.0, decode_ms: typing.SupportsFloat = 0.0, gap: bool = False, timeout: typing.SupportsFloat | None = None, last: bool = False, capture: typing.SupportsFloat = -1.0) -> bool:
        """
        An array [n, channels] of the sensor's dtype, or float32 [n, columns]; kept alive and never copied. `last`: nothing of this stream follows.
        """
    @property
    def name(self) -> str:
        ...
    @property
    def number(self) -> int:
        """
        The same as long as plans that follow each other have this sensor.
        """
class PipelinePort:
    """
    Where one pipeline's results leave.
    """
class PreparedPlan:
    """
    A plan that is compiled and can be swapped in.
    """
    @property
    def number(self) -> int:
        ...
class Runtime:
    """
    Runs a plan. Opens and warms every model, or raises.
    """
    def __init__(self, plan: PlanSpec, lanes: typing.SupportsInt = 0, order: str = 'edf', share: typing.Any = None, ageing_ms: typing.SupportsFloat = 100.0, cache_bytes: typing.SupportsInt = 0) -> None:
        """
        `share`: None, or a dict of path, slots, slot_bytes, most_held.
        """
    def applications(self) -> list[str]:
        """
        In the order that set_table() and load() have; those that are gone keep their places.
        """
    def attach_reader(self, pipeline: typing.Any) -> None:
        """
        From now on a full queue holds the sensor back (when_full: block).
        """
    def detach_reader(self, pipeline: typing.Any) -> None:
        """
        Nobody reads it from now on: its newest results are kept, and its sensor goes on.
        """
    def finished(self, pipeline: typing.Any) -> bool:
        ...
    def goes_on(self, pipeline: PipelinePort) -> bool:
        """
        Whether the plan at hand has this very one: its results go on.
        """
    def keep_free(self, lanes: typing.SupportsInt, longer_ms: typing.SupportsFloat = ..., queues: collections.abc.Sequence[bool] = []) -> None:
        """
        From now on runs that are expected to take longer, and those of queues (flags, in queues()' order), leave so many lanes to the others; 0 lanes: none.
        """
    def load(self) -> bytes:
        """
        What a policy looks at: a record of float64, as runtime/load_meter.h lays it out. By one thread at a time.
        """
    def metrics(self) -> dict[str, typing.Any]:
        ...
    def next_result(self, pipeline: typing.Any, timeout: typing.SupportsFloat | None = None) -> typing.Any:
        """
        The oldest result not yet taken; None after `timeout` seconds, or when finished.
        """
    def pipeline(self, name: str) -> PipelinePort:
        """
        By "application/name"; good for what takes a pipeline, whatever is deployed later.
        """
    def prepare(self, plan: PlanSpec) -> PreparedPlan:
        """
        Compiles a plan to follow the one at hand, with what that has of it; nothing changes.
        """
    def prometheus(self) -> str:
        ...
    def queues(self) -> list[typing.Any]:
        """
        The queues in the record's order: model (index in the plan, or -1), aside, nodes (ids).
        """
    def reopen(self, sensor: str) -> None:
        """
        Takes frames of a finished sensor again; its pipelines are no longer finished.
        """
    def rest(self, sensor: str, resting: bool) -> None:
        """
        No frames of it come for now, or they do again: joins don't wait for one that rests.
        """
    def sensor(self, name: str) -> SensorPort:
        ...
    def set_admission(self, shares: collections.abc.Sequence[typing.SupportsFloat]) -> None:
        """
        Of each pipeline's due frames the share that is taken, 0 to 1, in the plan's order.
        """
    def set_ageing(self, ageing_ms: typing.SupportsFloat) -> None:
        """
        Under order: priority, the waiting that makes up for one step, from now on.
        """
    def set_batches(self, items: collections.abc.Sequence[typing.SupportsInt]) -> None:
        """
        Works that may run as one, by queue in queues()' order: 1 to the model's batch.
        """
    def set_order(self, order: str) -> None:
        """
        How work is ranked from now on; what waits keeps its rank.
        """
    def set_places(self, sites: collections.abc.Sequence[typing.SupportsInt]) -> None:
        """
        Where models run from now on, by queue in queues()' order: an index in the model's devices, or -1: each run where it is expected to end first.
        """
    def set_table(self, base: str, applications: collections.abc.Sequence[typing.SupportsFloat], pipelines: collections.abc.Sequence[typing.SupportsFloat], queues: collections.abc.Sequence[typing.SupportsFloat]) -> None:
        """
        From now on work is ranked by `base`, plus milliseconds by application, by pipeline and by queue; lists in the plan's and queues()' order.
        """
    def shared_array(self, shape: collections.abc.Sequence[typing.SupportsInt], dtype: str = 'uint8') -> numpy.typing.NDArray[typing.Any]:
        """
        A writable array in the memory that is lent: what is pushed from it is lent without a copy.
        """
    def start(self) -> None:
        ...
    def start_trace(self, most: typing.SupportsInt) -> None:
        """
        Notes what happens, `most` records of 64 bytes.
        """
    def stop(self, drain: bool = True, timeout: typing.SupportsFloat = 10.0) -> None:
        ...
    def stop_trace(self) -> dict[str, typing.Any]:
        """
        A dict: `records` (a structured array; csrc/edgert/metrics/trace.h), `lost`, and the `owners` of each node's bits of wanted_by (pipelines).
        """
    def swap(self, next: PreparedPlan) -> int:
        """
        Each sensor's next frame goes to that plan. Its number.
        """
class LeasedFrame(Frame):
    """
    A frame of another process: its arrays are views of that process's memory. The lease goes back when the frame and all its arrays are gone.
    """
    def must_live(self) -> None:
        """
        Raises when the lease is dead.
        """
    def release(self) -> None:
        """
        Lets the frame go now; arrays that are still held keep the lease.
        """
    @property
    def alive(self) -> bool:
        """
        Whether the memory still holds this frame.
        """
    @property
    def capture_ns(self) -> int:
        """
        Monotonic clock, the same in all processes of a machine.
        """
    @property
    def media_time(self) -> float:
        """
        Seconds in the recording, or since the sensor's start.
        """
    @property
    def planes(self) -> list[typing.Any]:
        ...
    @property
    def refused(self) -> int:
        """
        Frames since the last one that could not be lent to this client.
        """
    @property
    def samples(self) -> typing.Any:
        ...
    @property
    def sensor(self) -> str:
        ...
    @property
    def sequence(self) -> int:
        ...
class ShareClient:
    """
    A connection to one sensor of a runtime that shares.
    """
    def __init__(self, path: str, sensor: str, most_held: typing.SupportsInt = 0, min_interval: typing.SupportsFloat = 0.0, timeout: typing.SupportsFloat = 5.0) -> None:
        ...
    def next(self, timeout: typing.SupportsFloat | None = None) -> LeasedFrame:
        """
        The next frame. Raises DeadlineError after `timeout` seconds, CancelledError when the sensor ended, UnavailableError when the server went away.
        """
class Simulation:
    """
    A plan on a virtual clock: its models and transforms take the times that are given, and compute nothing. Equal arguments give equal results.
    """
    def __init__(self, plan: PlanSpec, lanes: typing.SupportsInt, order: str = 'edf', models: collections.abc.Mapping[typing.SupportsInt, dict[str, typing.Any]] = {}, nodes: collections.abc.Mapping[typing.SupportsInt, typing.SupportsFloat] = {}, open: collections.abc.Mapping[typing.SupportsInt, typing.SupportsFloat] = {}, rows: collections.abc.Mapping[typing.SupportsInt, typing.SupportsFloat] = {}, arrivals: collections.abc.Mapping[str, dict[str, typing.Any]] = {}, seed: typing.SupportsInt = 1, ageing_ms: typing.SupportsFloat = 100.0, among: dict[str, typing.Any] = {}) -> None:
        """
        `models`: by index in the plan a dict of threads, points (tuples of instances, threads, batch, p50, p90, p99, spread; times in ms) and beside (slowdown by the other model's index); one that is left out takes no time. `nodes`: ms of transforms, by id. `open`: the share of cases in which a condition is open, by id. `rows`: how many regions or windows a node gives, on average, by id; left out: as many as there can be. `arrivals`: by sensor a dict of kind (periodic, poisson, bursts, given), period_ms, phase_ms, jitter (part of the period), burst, within_ms, decode_ms, work_ms (of a core, which a frame costs its source), frames, times_ms (of given: all of them, ascending). `among`: what was measured among other work, each as 9 quantiles in ms (at 1, 10, 25, 50, 75, 90, 95, 99, 99.9 %): a dict of models (by index a dict by the number of lanes at work), again (the same of runs that follow one of their own model), wake (of a lane that slept), cores (that lanes and sources share), and spells (in which slow runs come: their share of all, how many lanes were at work, the share of slow runs just after one on its lane and on others, and ms that this lasts).
        """
    def forget(self) -> None:
        """
        Empties what latency() tells: a start is over.
        """
    def keep_free(self, lanes: typing.SupportsInt, longer_ms: typing.SupportsFloat = ..., queues: collections.abc.Sequence[bool] = []) -> None:
        """
        As Runtime.keep_free().
        """
    def latency(self, pipeline: typing.SupportsInt) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.int64]]:
        """
        Of a pipeline's answers (ok and late), by index: latencies in ms, ascending and right within 0.8 %, and how many there were of each.
        """
    def load(self) -> bytes:
        """
        As Runtime.load().
        """
    def metrics(self) -> dict[str, typing.Any]:
        """
        As Runtime.metrics().
        """
    def queues(self) -> list[typing.Any]:
        """
        As Runtime.queues().
        """
    def run(self, seconds: typing.SupportsFloat) -> None:
        """
        Lets that much time pass.
        """
    def set_admission(self, shares: collections.abc.Sequence[typing.SupportsFloat]) -> None:
        """
        As Runtime.set_admission().
        """
    def set_order(self, order: str) -> None:
        ...
    def set_places(self, sites: collections.abc.Sequence[typing.SupportsInt]) -> None:
        """
        As Runtime.set_places().
        """
    def set_table(self, base: str, applications: collections.abc.Sequence[typing.SupportsFloat], pipelines: collections.abc.Sequence[typing.SupportsFloat], queues: collections.abc.Sequence[typing.SupportsFloat]) -> None:
        """
        As Runtime.set_table().
        """
    def start_trace(self, most: typing.SupportsInt) -> None:
        """
        As Runtime.start_trace().
        """
    def stop_trace(self) -> dict[str, typing.Any]:
        """
        As Runtime.stop_trace().
        """
    @property
    def elapsed(self) -> float:
        """
        Seconds.
        """
def backends() -> list[typing.Any]:
    """
    Every inference backend of this build: whether its engine is there, which version, or the reason why not.
    """
def dedicate_process() -> None:
    """
    Says that this process is edgert's alone, as `edgert run` does. Call it once, before anything is loaded: the process then takes less memory, because the allocator gives back what loading frees (glibc's M_MMAP_THRESHOLD is fixed) and all libraries, not only the engines, let go of pages that only loading needed.
    """
def devices() -> list[typing.Any]:
    """
    Every device that this build knows, with the reason where one is absent.
    """
def engine_version(backend: str) -> str:
    """
    The version of one backend's engine, which is opened. Raises NotFoundError, UnavailableError.
    """
def load_model(file: str, backend: str = '', threads: typing.SupportsInt = 1, engine: dict[str, typing.Any] = {}) -> Model:
    """
    Loads a model file. `backend`: by its name, or by the file's ending. `engine`: options of that engine.
    """
def load_plugin(path: str) -> dict[str, typing.Any]:
    """
    Registers the transforms of a shared library for the rest of the process.
    """
def measure(lanes: collections.abc.Sequence[collections.abc.Sequence[tuple[typing.Any, typing.Any]]], seconds: typing.SupportsFloat = 1.0, warm: typing.SupportsFloat = 0.0, least_rounds: typing.SupportsInt = 1, cores: collections.abc.Sequence[typing.SupportsInt] = [], among: bool = False) -> dict[str, typing.Any]:
    """
    What runs take while others run. `lanes`: of each lane the (session, inputs) that it runs in turn, again and again; all lanes at once, a
    thread each, on `cores` in turn where given. Each records for `seconds`, and `least_rounds` at least. Returns a dict: busy_cores, and
    lanes, of each of which runs (an array of seconds for each step), began (on a clock of them all) and wall (seconds). With `among`, between two runs a lane sorts and
    moves other data: what runs take among other work. Raises InvalidError, EngineError, ExhaustedError.
    """
def registered_transforms() -> list[str]:
    """
    Names of operations that plug-ins and Python brought.
    """
def set_engine_library(backend: str, path: str) -> None:
    """
    Where to look for an engine's shared library; before its first use.
    """
def transforms() -> list[str]:
    """
    Names of all operations.
    """
def version() -> str:
    """
    Version of the native core.
    """
plugin_abi: int = 1
