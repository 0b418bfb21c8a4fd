"""Runtime: documents running on this box, and their results."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .awaiting import Awaiting
from .deploying import Deploying, Failure
from .ending import stop_at_exit
from .errors import InvalidError, NotFoundError, make
from .following import nodes_of
from .life.control import SensorControl
from .life.feed import Feed
from .life.keeper import Keeper
from .life.nursery import Nursery, figures_of, prometheus_of
from .life.pushed import PushFeed
from .life.states import SensorState
from .policy.figures import prometheus_of as policy_prometheus
from .policy.seat import Seat
from .pushing import to_item
from .reading import Callback, Outlet
from .results import Result
from .sinks.documented import DocumentedSinks
from .sinks.documented import figures as sink_figures
from .titles import title_of

if TYPE_CHECKING:
    from .documents import DocumentSet
    from .policy.seat import Named
    from .sharing import Share
    from .tracing import Traced

POLL = 0.05  # s
PATIENCE = 5.0  # s for a source or a callback to end when stopped


class Runtime(Deploying):
    """Runs documents: a thread reads each sensor, the core's lanes run the models.

        with edgert.Runtime(["sensors.yaml", "shop.yaml"]) as runtime:
            for result in runtime.results("shop/people"):
                print(result.media_time, result.answers["people"])

    `documents` are files or folders (YAML), or a DocumentSet. `lanes` is the number of workers (0: what a
    Profile chose, else one a core), `order` what runs first ("fifo", "edf", "slack", "priority", "fair",
    "moore-hodgson"; left out, as the Scheduler document says, or "edf"). `share` is where other processes may
    get the sensors' frames (a socket's path, or a Share with limits; see edgert.attach). `policy` is who
    decides (set_policy() says what it may be; left out, the documents' Policy). `trunks`: models that begin
    with the same layers and weights share them (docs/feature-sharing.md). For comparisons: without `merge`,
    no two pipelines share work, and without `fuse`, pictures become tensors step by step. Making one loads
    and warms every model. Raises DocumentErrors, with every problem and its line, or Error when a model
    can't be loaded.
    """

    def __init__(
        self,
        documents: str | Path | Iterable[str | Path] | DocumentSet,
        *,
        lanes: int = 0,
        order: str | None = None,
        share: str | Path | Share | None = None,
        policy: Named | None = None,
        merge: bool = True,
        trunks: bool = True,
        fuse: bool = True,
    ) -> None:
        from . import _native, engines
        from .documents import DocumentSet, read
        from .planner import Planning
        from .sharing import options

        engines.register()
        self.documents = documents if isinstance(documents, DocumentSet) else read(documents)
        self._planned_as = partial(Planning, merge=merge, trunks=trunks, fuse=fuse)
        self._planning = self._planned_as(self.documents)
        self.plan = self._planning.plan()
        began = time.perf_counter()
        scheduler = self.documents.scheduler
        self._native = _native.Runtime(
            self.plan.spec,
            lanes=lanes or self.documents.lanes,
            order=order or scheduler.order,
            share=options(share),
            ageing_ms=float(scheduler.ageing) * 1e3,
            cache_bytes=scheduler.cache,
        )
        self.load_ms = (time.perf_counter() - began) * 1e3
        self.failures: list[Failure] = []
        used = {name for planned in self.plan.pipelines.values() for name in planned.sensors}
        self._nursery = Nursery(self._native, self.plan, self._sensor_failed, self._sensor_again)
        self._feeds = {name: self._nursery.feed(name) for name in self.plan.sensors if name in used}
        self._controls = {name: self._nursery.control(feed) for name, feed in self._feeds.items()}
        self._outlets = {one.title: self._outlet_of(one) for one in self.plan.pipelines.values()}
        # Who pushes can ask for results before that.
        self._awaiting = Awaiting(
            self._outlets[planned.title]
            for planned in self.plan.pipelines.values()
            if isinstance(self._feeds[planned.sensor], Feed)
        )
        self._keeper = Keeper([*self._feeds.values(), self._awaiting])
        self._named_nodes = None
        self._policy = Seat(self._native, self.plan, self.documents, lambda: self._labels, order, policy)
        self._lanes = lanes
        self._sinks = DocumentedSinks()
        self._for_all: list[Callback] = []
        self._deploying, self._changing = threading.Lock(), threading.Lock()
        self._state = "new"
        self._ran: float | None = None  # s, once it is stopped

    # -- life
    # ---------------------------------------------------------------------------------------------------

    def start(self) -> Runtime:
        """Starts the sensors. `with` does it."""
        with self._deploying:
            self._start()
        return self

    def _start(self) -> None:
        if self._state != "new":
            raise make(
                InvalidError, "runtime", f"is {self._state}", "a Runtime starts once; make another one"
            )
        try:
            self._open_sinks()
            self._policy.start()
        except BaseException:
            self._give_up()
            raise
        self._state = "running"
        stop_at_exit(self)
        self._awaiting.begin()
        self._native.start()
        for feed in self._feeds.values():
            if feed.life.state == "waiting":
                feed.start()
        self._keeper.start()

    def _open_sinks(self) -> None:
        self._sinks.follow(self._sinks.make(self.plan.pipelines.values(), self.documents), lambda title: True)
        for title, sink in self._sinks.open:
            self.on_result(title, sink)
        self._sinks.listen(self._feeds.values())

    def _give_up(self) -> None:
        """Of a start that failed: no thread may be left waiting for results."""
        self._state = "stopped"
        self._policy.stop()
        self._native.stop(drain=False)
        for outlet in self._outlets.values():
            outlet.stop()
        for outlet in self._outlets.values():
            outlet.join(PATIENCE)

    def stop(self) -> None:
        """Ends the sensors, lets what they gave come out, and stops. What isn't done within 10 s is answered
        as dropped ("cancelled"), what still waits at an inbox then counted as `left_over`. A second time does
        nothing; the end of the program does it where nobody did."""
        if self._state != "running":
            return
        self._state = "stopped"
        self._ran = float(self._native.metrics()["uptime_s"])
        self._policy.stop()
        self._keeper.stop()
        self._awaiting.end()
        with self._deploying:  # one that began ends first
            for feed in self._feeds.values():
                feed.stop("")
        until = time.monotonic() + PATIENCE
        for feed in self._feeds.values():
            feed.join(until - time.monotonic())
        self._native.stop(drain=True)
        for outlet in self._outlets.values():
            outlet.stop()
        for outlet in self._outlets.values():
            outlet.join(PATIENCE)
        self._sinks.close()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until every sensor has ended and every callback got its results. False: `timeout` seconds
        passed."""
        until = None if timeout is None else time.monotonic() + timeout
        while not self.finished:
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(POLL)
        return True

    @property
    def finished(self) -> bool:
        """Whether every sensor has ended and every result has come out."""
        self._awaiting.end()
        if not all(feed.over for feed in self._feeds.values()):
            return False
        for outlet in self._outlets.values():
            outlet.settle()
        if any(outlet.served for outlet in self._outlets.values()):
            return False
        return all(outlet.finished for outlet in self._outlets.values())

    def __enter__(self) -> Runtime:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- results
    # ------------------------------------------------------------------------------------------------

    @property
    def pipelines(self) -> list[str]:
        """All pipelines, as "application/pipeline"."""
        return list(self._outlets)

    def results(self, pipeline: str, timeout: float | None = None) -> Iterator[Result]:
        """Its results in order, until its sensor ends, stop(), or none came for `timeout` seconds.

        A pipeline has one reader, and one that nobody reads keeps its newest results and holds up nobody.
        None is missed by who asks before start(), or, but of push sensors, within a second of it and before
        the first result of any pipeline is taken. `pipeline` is "application/pipeline", or the name alone
        where one application has it. Raises NotFoundError for an unknown one, InvalidError for a name that
        several applications' pipelines have.
        """
        return self._outlet(pipeline).iterate(timeout)

    def on_result(self, pipeline: str | None, callback: Callback) -> None:
        """Has `callback(result)` called for each result of a pipeline, or of all (None).

        Each pipeline has a thread for it; all are those, too, that a deploy brings later. A callback that
        raises is not called again; `failures` says why.
        """
        with self._changing:
            if pipeline is None:
                self._for_all.append(callback)
            for name in self.pipelines if pipeline is None else [pipeline]:
                self._outlet(name).call(callback)

    # -- sensors
    # ------------------------------------------------------------------------------------------------

    def push(
        self,
        sensor: str,
        array: Any,
        media_time: float = -1.0,
        gap: bool = False,
        timeout: float | None = None,
    ) -> bool:
        """Gives one frame to a push sensor, without a copy: the array must not be changed afterwards.

        Pictures: uint8 [height, width, 3] (rgb24, bgr24), [height, width] (gray), or a list of planes
        (yuv420p, nv12). Sound: float32 or int16 [n, channels]. Tables: float32 [n, columns]. `media_time` in
        seconds, by default the time since the start; `gap` says that it doesn't continue what came before.
        NaN and infinities become what the source's `missing` says: refused when it says nothing.
        False: dropped by the sensor's inbox. Raises InvalidError for another shape or dtype, DeadlineError
        when a blocking inbox stays full for `timeout` seconds.
        """
        feed = self._push_feed(sensor)
        return feed.push(to_item(sensor, feed.format, array, media_time, gap, feed.missing), timeout)

    def shared_array(self, shape: tuple[int, ...], dtype: str = "uint8") -> Any:
        """A writable array in the memory that is lent to other processes: frames pushed from it are lent
        without a copy. Raises ExhaustedError while all of that memory is in use."""
        return self._native.shared_array(shape, dtype)

    def finish(self, sensor: str) -> None:
        """Says that a push sensor has no more frames."""
        self._push_feed(sensor).finish()

    def sensor(self, name: str) -> SensorControl:
        """One sensor, to pause, stop, start, reconfigure or replace it while everything runs.

        Raises NotFoundError for one that no pipeline reads.
        """
        if name not in self._controls:
            hint = f"there are {', '.join(self._controls)}, of those that a pipeline reads"
            raise make(NotFoundError, f"sensor {name!r}", "there is none of this name", hint)
        return self._controls[name]

    def sensor_states(self) -> dict[str, SensorState]:
        """Of each sensor its state (docs/sensors.md lists them), the reason, and since when (Unix time)."""
        return {name: feed.life.said() for name, feed in self._feeds.items()}

    def set_order(self, order: str) -> None:
        """What runs first from now on, where no policy decides it: "fifo", "edf", "slack", "priority",
        "fair" or "moore-hodgson". What waits keeps its rank. Raises InvalidError for another name."""
        self._policy.set_order(order)

    # -- policy
    # -------------------------------------------------------------------------------------------------

    def set_policy(
        self,
        policy: Named | None,
        *,
        params: Mapping[str, Any] | None = None,
        period: float | None = None,
        limit: float | None = None,
    ) -> None:
        """Puts another policy into force while everything runs; None: none any more.

        `policy`: a Policy document or its name, a file of documents (.yaml) that holds one, a shipped or
        installed policy's name ("adaptive"), "module:Class", "file.py:Class", or a class derived from
        edgert.Policy. `params` are for its making; `period` and `limit` (of a call) are in seconds. The one
        before decides until the new one is ready. Raises NotFoundError or InvalidError when there is none or
        it can't be made; the one before goes on then.
        """
        self._policy.set(policy, params, period, limit)

    # -- figures
    # ------------------------------------------------------------------------------------------------

    def nodes(self) -> list[dict[str, Any]]:
        """The plan's nodes: id, op, name (of the step), inputs, applications, and model (its name)."""
        return nodes_of(self.plan)

    def metrics(self) -> dict[str, Any]:
        """What was counted and measured: sensors, nodes, pipelines, lanes, models. docs/documents.md says
        what a pipeline's counts mean."""
        with self._changing:
            figures: dict[str, Any] = self._native.metrics()
            plan, feeds, sinks = self.plan, self._feeds, self._sinks.open
        if self._ran is not None:
            _as_of(figures, self._ran)
        labels, models = self._names_of_nodes(plan)
        for node in figures["nodes"]:
            node["label"] = labels[node["id"]]
            if node["id"] in models:
                node["model"] = models[node["id"]]
        for name, feed in feeds.items():
            figures["sensors"][name].update(figures_of(figures["sensors"][name], feed.figures()))
        figures["sinks"] = sink_figures(sinks)
        figures["policy"] = self._policy.row()
        return figures

    def prometheus(self) -> str:
        """The same as Prometheus reads it."""
        figures = self.metrics()
        page = str(self._native.prometheus()) + prometheus_of(figures["sensors"])
        return page + policy_prometheus(figures["policy"])

    def start_trace(self, most: int = 1_000_000) -> None:
        """Notes each execution, frame and result from now on, in memory: `most` records of 64 bytes, of which
        the last find no place. Raises InvalidError when it does already."""
        self._native.start_trace(most)

    def stop_trace(self, path: str | Path) -> Traced:
        """Writes what was noted for Perfetto (docs/tracing.md): a file `.json` or `.json.gz`. Also after
        stop(). Raises InvalidError for another name, OSError when the file can't be written."""
        from . import tracing

        return tracing.stop(self._native, self.plan.spec, path)

    @contextmanager
    def trace(self, path: str | Path, most: int = 1_000_000) -> Iterator[None]:
        """Traces what happens in the block: start_trace() and stop_trace()."""
        from . import tracing

        tracing.check_path(path)
        self.start_trace(most)
        try:
            yield
        finally:
            self.stop_trace(path)

    # -- inside
    # -------------------------------------------------------------------------------------------------

    def _first_read(self) -> None:
        self._awaiting.end()

    def _sensor_failed(self, name: str, reason: str) -> None:
        self.failures.append(Failure(f"sensor {name}", reason))

    def _sensor_again(self, name: str) -> None:
        """A sensor that had ended or failed is started: its pipelines are no longer finished."""
        self._native.reopen(name)
        for planned in self.plan.pipelines.values():
            if planned.sensor == name:
                self._outlets[planned.title].reopen()

    def _callback_failed(self, pipeline: str, error: Exception) -> None:
        self.failures.append(Failure(f"callback of {pipeline}", f"{type(error).__name__}: {error}"))

    def _outlet(self, pipeline: str) -> Outlet:
        outlets = self._outlets  # as they are now, whatever is deployed meanwhile
        return outlets[title_of(pipeline, outlets)]

    def _push_feed(self, sensor: str) -> PushFeed:
        feed = self._feeds.get(sensor)
        if not isinstance(feed, PushFeed):
            names = [name for name, other in self._feeds.items() if isinstance(other, PushFeed)]
            hint = (
                f"there are {', '.join(names)}, of those that a pipeline reads"
                if names
                else "give a Sensor document the source `type: push`, and a pipeline that reads it"
            )
            raise make(NotFoundError, f"sensor {sensor!r}", "is no push sensor", hint)
        return feed


def _as_of(figures: dict[str, Any], seconds: float) -> None:
    """Rates over the time that the runtime ran, not over that since then."""
    figures["uptime_s"] = seconds
    for row in figures["sensors"].values():
        row["fps"] = row["frames"] / seconds if seconds else 0.0
    for row in figures["pipelines"].values():
        row["rate"] = row["results"] / seconds if seconds else 0.0


__all__ = ["Callback", "Failure", "Result", "Runtime"]
