"""Taking results out of the native runtime: by iterators and by callbacks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .errors import InvalidError, make
from .results import Result

if TYPE_CHECKING:
    from .planner import PlannedPipeline

Callback = Callable[[Result], None]
TURN = 0.1  # s that a reader waits before it looks whether to stop
PLANS = 16  # that results may be of which nobody has read
KEPT = 16  # results of a pipeline that nobody has read when everything has ended


class Outlet:
    """One pipeline's results, for one reader: an iterator, or a thread that calls callbacks.

    It may be of several plans that follow each other, or of none any more: then its results end.
    Until there is a reader the native queue keeps the newest results and lets the others go, unless it is
    held. `on_read` is told when an iterator takes its first result.
    """

    def __init__(
        self,
        planned: PlannedPipeline,
        native: Any,
        on_error: Callable[[str, Exception], None],
        on_read: Callable[[], None] = lambda: None,
        generation: int = 1,
    ) -> None:
        self.pipeline = planned.title
        self._native, self._on_error, self._on_read = native, on_error, on_read
        self._index = native.pipeline(planned.title)
        self._planned = [(generation, planned)]  # with the first plan whose results it reads
        self._expecting = threading.Lock()  # guards the list
        self._lock = threading.Lock()
        self._early: deque[Result] = deque(maxlen=KEPT)
        self._callbacks: list[Callback] = []
        self._taken = self._ended = False
        self._calling = threading.Lock()  # held while callbacks are called
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def iterate(self, timeout: float | None) -> Iterator[Result]:
        """Results until the pipeline has finished, the runtime stops, or none came for `timeout` seconds."""
        self._take()
        return self._read(timeout)

    def call(self, callback: Callback) -> None:
        """Has each result given to `callback`, on a thread of this pipeline's own."""
        self._callbacks.append(callback)
        if self._thread is None:
            self._take()
            self._thread = threading.Thread(target=self._serve, name=f"edgert-{self.pipeline}", daemon=True)
            self._thread.start()

    def hold(self) -> None:
        """Nothing is let go from now on, though nobody reads yet."""
        with self._lock:
            self._native.attach_reader(self._index)

    def let_go(self) -> None:
        """The native queue keeps the newest results again, if nobody reads by now."""
        with self._lock:
            if not self._taken:
                self._native.detach_reader(self._index)

    def expect(self, planned: PlannedPipeline, generation: int) -> None:
        """Results of that plan and later ones, should there be some, are read as `planned` says. Where nobody
        reads, the last PLANS are known: a plan is not small."""
        with self._expecting:
            self._planned.append((generation, planned))
            del self._planned[:-PLANS]

    def expect_no(self, generation: int) -> None:
        """That plan doesn't come after all."""
        with self._expecting:
            self._planned = [each for each in self._planned if each[0] != generation]

    @property
    def goes_on(self) -> bool:
        """Whether the plan at hand has it."""
        return bool(self._native.goes_on(self._index))

    @property
    def callbacks(self) -> list[Callback]:
        """Those that are called."""
        return list(self._callbacks)

    def forget(self, callback: Callback, patience: float) -> None:
        """It is not called again; waits until a call has ended, so many seconds at most."""
        if callback in self._callbacks:
            self._callbacks.remove(callback)
        if self._thread is not threading.current_thread() and self._calling.acquire(timeout=patience):
            self._calling.release()

    @property
    def finished(self) -> bool:
        """Whether nothing more comes."""
        return bool(self._native.finished(self._index))

    def settle(self) -> None:
        """Takes over what is left in the native queue when the sensors have ended and nobody reads it."""
        with self._lock:
            while not self._taken and (result := self._next(0.0)) is not None:
                self._early.append(result)

    def reopen(self) -> None:
        """The pipeline goes on after its end: there may be a new reader, and callbacks are called again. A
        reader that has not seen the end goes on."""
        if self._thread is not None:
            self._thread.join(2 * TURN)
        if not self._ended:
            return
        self._ended = self._taken = False
        if self._thread is not None and self._callbacks:
            self._take()
            self._thread = threading.Thread(target=self._serve, name=f"edgert-{self.pipeline}", daemon=True)
            self._thread.start()

    @property
    def served(self) -> bool:
        """Whether callbacks still have results to get."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ends iterators and the thread, after what is already waiting."""
        self._stop.set()

    def join(self, timeout: float) -> None:
        """Waits for the callbacks' thread."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _take(self) -> None:
        with self._lock:
            if self._taken:
                what = "its results are being read already"
                raise make(InvalidError, f"pipeline {self.pipeline}", what, "use one iterator, or callbacks")
            self._taken = True
            self._native.attach_reader(self._index)  # from now on nothing is let go

    def _read(self, timeout: float | None) -> Iterator[Result]:
        self._on_read()
        yield from self._results(timeout)

    def _results(self, timeout: float | None) -> Iterator[Result]:
        yield from self._early
        self._early.clear()
        waited = 0.0
        while timeout is None or waited < timeout:
            stopping = self._stop.is_set()
            turn = TURN if timeout is None else min(TURN, timeout - waited)
            result = self._next(0.0 if stopping else turn)
            if result is not None:
                waited = 0.0
                yield result
            elif stopping or self.finished:
                self._ended = True
                return
            else:
                waited += turn

    def _next(self, timeout: float) -> Result | None:
        native = self._native.next_result(self._index, timeout=timeout)
        if native is None:
            return None
        with self._expecting:  # results come in the order of their plans
            while len(self._planned) > 1 and self._planned[1][0] <= native.generation:
                del self._planned[0]
            return Result(native, self._planned[0][1])

    def _serve(self) -> None:
        try:
            self._call_with_each()
        except Exception as error:  # nobody else would see it
            self._on_error(self.pipeline, error)

    def _call_with_each(self) -> None:
        for result in self._results(None):
            with self._calling:
                self._call_each(result)

    def _call_each(self, result: Result) -> None:
        for callback in list(self._callbacks):
            try:
                callback(result)
            except Exception as error:  # a callback's error ends that callback, and is told
                if callback in self._callbacks:
                    self._callbacks.remove(callback)
                self._on_error(self.pipeline, error)
