"""The way to each input of each model of a plan, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from ..documents.graph import sensors_of
from ..planner import Planned, PlannedPipeline
from ..planner.algebra import GATHER, REGION, Built
from ..planner.features_from import asked_by, with_brought
from ..planner.given import Given
from ..planner.instances import told as told_instances
from ..planner.model_runs import Pieces
from ..planner.native import frame_described
from .saved import saved
from .wishes import Wish, wishes

PICTURE = "image.to_tensor"
MICROSECOND = 1_000_000  # picoseconds
TOLD = ("width", "height", "layout", "fit", "rate", "size", "hop", "mels", "coefficients", "dtype", "shape")
WORDS = {REGION: "one of them at a time", GATHER: "all of them together"}


@dataclass
class Step:
    """One transform of a way. `shared` are the pipelines that have this very node."""

    node: int
    op: str
    told: str
    """Its main parameters."""
    gives: str
    conversion: str
    estimated_us: float
    """A run, or a window's share of what streams, by the stated cost; see docs/adding-a-transform.md."""
    shared: list[str]
    together: int = 1
    """Tensors that its pass makes, of which this is one."""
    measured_us: float | None = None
    rounds_us: list[float] = field(default_factory=list, repr=False)
    """What each round took, or a window in each part of a stream."""


@dataclass
class Way:
    """From a sensor's frame, or another step's output, to one input of a model."""

    input: str
    wants: str
    begins: str
    steps: list[Step]
    built: Built = field(repr=False)

    @property
    def estimated_us(self) -> float:
        """Of one run of each transform."""
        return sum(step.estimated_us for step in self.steps)


@dataclass
class Run:
    """A model in the plan, once for all who share it."""

    node: int
    model: str
    sensor: str
    steps: list[str]
    """PIPELINE: STEP that ask for it."""
    shared: list[str]
    ways: list[Way]
    constants: Mapping[str, Any] = field(repr=False)
    measured_us: float | None = None
    batch: int = 1
    """Works that may run as one, at most."""
    devices: tuple[str, ...] = ("cpu",)
    """Where it may run."""
    at_once: str = ""
    """How many runs go on at once, in words; empty: one a lane, which costs nothing."""
    private_to: str = ""
    """The application that shares it with no other; empty: all may."""
    pieces: list[Part] = field(default_factory=list)
    """In which it runs, where it shares some with other models; each after those that it reads."""


@dataclass
class Part:
    """A piece of a model, which is a node of its own."""

    node: int
    title: str
    measured_us: float
    """A run, when it was decided to cut."""
    shared: list[str]
    """The pipelines that have this very node."""
    batch: int = 1
    """Works that may run as one, at most."""
    alone: str = ""
    """Why it runs single works, though its model's document says `batch`."""


@dataclass
class Join:
    """A step that joins another sensor's stream to the frame."""

    step: str
    """PIPELINE: STEP."""
    sensor: str
    """Whose frames ask."""
    how: str


@dataclass
class Explanation:
    """All models' ways, and what pipelines want besides. `nodes` are the native plan's, by describe()."""

    sensors: Mapping[str, str]
    runs: list[Run]
    wishes: list[Wish]
    nodes: list[dict[str, Any]]
    planned: Planned = field(repr=False)
    joins: list[Join] = field(default_factory=list)
    measured: bool = False

    def data(self) -> dict[str, Any]:
        """As JSON takes it."""
        plain = {
            "models": [_plain(run) for run in self.runs],
            "joins": [_plain(join) for join in self.joins],
            "pipelines": [_plain(wish) for wish in self.wishes],
        }
        trunks = [decision.data() for decision in self.planned.trunks]
        return {"sensors": dict(self.sensors), **plain, "trunks": trunks, "saved": self.saved()}

    def saved(self) -> dict[str, Any]:
        """What there is, and what there were if nothing were shared: the fields of
        edgert.explain.saved.Saved."""
        return saved(self)._asdict()


def explain(planned: Planned) -> Explanation:
    """Explains a plan that was made from documents. A plan without pipelines has no ways."""
    described = planned.spec.describe() if planned.spec is not None else {"nodes": [], "models": []}
    nodes = described["nodes"]
    runs: dict[tuple[int, str], Run] = {}
    devices = {one.reference: one.devices for one in planned.models}
    at_once = {one.reference: told_instances(one.instances, one.file, one.backend) for one in planned.models}
    for pipeline, given in _model_steps(planned):
        key = (_node(given.run), str(getattr(given.step, "model", "")) if _is_cut(given) else "")
        if key not in runs:
            runs[key] = _run(key[0], given, pipeline, nodes, described["models"])
            runs[key].batch = described["models"][nodes[key[0]]["model"]]["batch"]
            runs[key].at_once = at_once.get(runs[key].model, "")
            runs[key].devices = devices.get(runs[key].model, runs[key].devices)
        runs[key].steps.append(f"{pipeline.title}: {given.step.name}")
        if pipeline.title not in runs[key].shared:
            runs[key].shared.append(pipeline.title)
    sensors = {name: frame_described(sensor.format) for name, sensor in planned.sensors.items()}
    return Explanation(
        sensors, list(runs.values()), wishes(planned, nodes), nodes, planned, list(_joins(planned))
    )


def _joins(planned: Planned) -> Iterator[Join]:
    for pipeline in planned.pipelines.values():
        for name, given in pipeline.steps.items():
            if given.how:
                yield Join(f"{pipeline.title}: {name}", _sensor_of(pipeline, given), given.how)


def _sensor_of(pipeline: PlannedPipeline, given: Given) -> str:
    return sensors_of(pipeline.document)[asked_by(given.step.name)]


def _model_steps(planned: Planned) -> Iterator[tuple[PlannedPipeline, Given]]:
    for pipeline in planned.pipelines.values():
        for given in with_brought(pipeline.steps.values()):
            if given.run is not None:
                yield pipeline, given


def _run(
    node: int,
    given: Given,
    pipeline: PlannedPipeline,
    nodes: list[dict[str, Any]],
    models: list[dict[str, Any]],
) -> Run:
    ways = [_way(name, built, pipeline, given, nodes) for name, built in given.chains.items()]
    model = str(getattr(given.step, "model", ""))
    shared = [] if _is_cut(given) else list(nodes[node]["pipelines"])
    pieces = list(_parts(given.run, nodes, models))
    sensor, private_to = _sensor_of(pipeline, given), nodes[node]["private_to"]
    return Run(node, model, sensor, [], shared, ways, given.constants, private_to=private_to, pieces=pieces)


def _is_cut(given: Given) -> bool:
    return isinstance(given.run, Pieces)


def _parts(run: Any, nodes: list[dict[str, Any]], models: list[dict[str, Any]]) -> Iterator[Part]:
    if isinstance(run, Pieces):
        for index, value in run.nodes.items():
            piece, node = run.decision.pieces[index], _node(value)
            batch, alone = models[nodes[node]["model"]]["batch"], run.alone.get(index, "")
            yield Part(node, piece.title, piece.us, list(nodes[node]["pipelines"]), batch, alone)


def _way(
    name: str, built: Built, pipeline: PlannedPipeline, given: Given, nodes: list[dict[str, Any]]
) -> Way:
    begins = _begins(name, built, pipeline, given)
    return Way(name, str(built.goal), begins, list(_steps(built, nodes)), built)


def _begins(name: str, built: Built, pipeline: PlannedPipeline, given: Given) -> str:
    source = getattr(given.step, "from_", None)
    if name in given.joins:
        return f"{pipeline.steps[given.joins[name]].how}: {built.chain.start}"
    if built.chain.start.spec["kind"]:
        rows = getattr(given.step, "for_each", None)
        of = (
            f", each region of {rows}"
            if rows
            else ", each tile"
            if getattr(given.step, "tiles", None)
            else ""
        )
        return f"{_sensor_of(pipeline, given)}: {built.chain.start}{of}"
    other = source if isinstance(source, str) else "a step's output"
    if given.brought:
        other = given.brought[0].step.name
    return f"{other}: {built.chain.start}"


def _steps(built: Built, nodes: list[dict[str, Any]]) -> Iterator[Step]:
    for link, value in zip(built.chain.links, built.values[1:], strict=True):
        op = link.move.op
        yield Step(
            _node(value),
            op,
            WORDS.get(op) or told(link.move.params),
            str(link.format),
            link.conversion,
            link.cost / MICROSECOND,
            list(nodes[_node(value)]["pipelines"]),
            nodes[_node(value)]["outputs"] if op == PICTURE else 1,
        )


def told(params: Mapping[str, Any]) -> str:
    """The main parameters in a few words: "224×224 nhwc stretch float32"."""
    words = [f"{params['width']}×{params['height']}"] if "width" in params else []
    for key in TOLD[2:]:
        if key in params:
            text = str(params[key])
            words.append(text if isinstance(params[key], str) else f"{key} {text}")
    return " ".join(words)


def _node(value: Any) -> int:
    return int(value.node)


def _plain(value: Any) -> Any:
    """Dataclasses as dicts, without what only the process knows."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.repr}
