"""A plan builder that records what the planner asks for, with the shapes that the native one would give."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Tensor = dict[str, Any]


def tensor(name: str, shape: list[int], dtype: str = "float32", scale: float = 0.0, zero: int = 0) -> Tensor:
    return {"name": name, "dtype": dtype, "shape": shape, "quant_scale": scale, "quant_zero": zero}


class FakeError(Exception):
    """As the native errors: where, what, hint."""

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(f"{where}: {what}; {hint}")
        self.where, self.what, self.hint = where, what, hint


@dataclass(frozen=True)
class FakeValue:
    node: int
    output: int
    scope: int
    spec: Any = field(compare=False)
    outputs: Any = field(compare=False, default=None)

    @property
    def identity(self) -> str:
        return f"{self.node}.{self.output}"

    def out(self, index: int) -> FakeValue:
        return FakeValue(self.node, index, self.scope, self.outputs[index], self.outputs)


@dataclass
class Node:
    op: str
    params: dict[str, Any]
    inputs: list[FakeValue]
    value: FakeValue


class FakeBuilder:
    """`models` gives the inputs and outputs by a file's name."""

    fuses = True

    def __init__(self, **models: tuple[list[Tensor], list[Tensor]]) -> None:
        self.io = models
        self.nodes: list[Node] = []
        self.sensors: dict[str, dict[str, Any]] = {}
        self.files: list[str] = []
        self.opened: list[dict[str, Any]] = []
        self.pipelines: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, float] = {}
        self.scopes = 0

    def ops(self) -> list[str]:
        return [node.op for node in self.nodes]

    def one(self, op: str) -> Node:
        found = [node for node in self.nodes if node.op == op]
        assert len(found) == 1, f"{op} is there {len(found)} times in {self.ops()}"
        return found[0]

    def application(self, name: str, weight: float = 1.0, **limits: Any) -> None:
        self.applications[name] = weight

    def private_to(self, owner: str) -> None:
        pass

    def sensor(self, name: str, format: dict[str, Any], **options: Any) -> FakeValue:
        self.sensors[name] = options
        self.scopes += 1
        return self._node("source", {"name": name}, [], self.scopes, [format])

    def model(self, name: str, file: str, **options: Any) -> int:
        stem = Path(file).stem
        if stem not in self.io:
            raise FakeError(f"model '{name}'", "the file is no model", "give an ONNX or TFLite file")
        if file not in self.files:
            self.files.append(file)
            self.opened.append({"name": name, **options})
        return self.files.index(file)

    def expect(self, model: int, run_ms: float) -> None:
        self.expected = {**getattr(self, "expected", {}), model: run_ms}

    def model_io(self, model: int) -> dict[str, Any]:
        inputs, outputs = self.io[Path(self.files[model]).stem]
        return {"inputs": inputs, "outputs": outputs, "metadata": {}}

    def transform(
        self, op: str, params: dict[str, Any], inputs: list[FakeValue], name: str = ""
    ) -> FakeValue:
        assert all(value is not None for value in inputs)
        scope = max((value.scope for value in inputs), default=0)
        return self._node(op, params, inputs, scope, self.outputs(op, params, [of.spec for of in inputs]))

    def outputs(self, op: str, params: dict[str, Any], inputs: list[Any]) -> list[Tensor]:
        if op.split(".")[0] not in ("image", "audio", "table", "tensor", "answer", "detections", "regions"):
            raise FakeError(op, "unknown operation", "see docs/operations.md")
        return _outputs(op, params, inputs)

    def run_model(self, model: int, inputs: dict[str, FakeValue], name: str = "", **feeds: Any) -> FakeValue:
        outputs = self.io[Path(self.files[model]).stem][1]
        values = list(inputs.values())
        params = {"model": model, "names": list(inputs), **feeds}
        return self._node("model", params, values, max(value.scope for value in values), outputs)

    def region(self, rows: FakeValue, apart: str = "") -> FakeValue:
        for node in self.nodes:
            if node.op == "region" and node.inputs == [rows]:
                return node.value
        self.scopes += 1
        spec = {**rows.spec, "shape": rows.spec["shape"][1:]}
        return self._node("region", {}, [rows], self.scopes, [spec])

    def gather(self, value: FakeValue, stack: bool = True) -> FakeValue:
        shape = [-1, *value.spec["shape"][0 if stack else 1 :]]
        region = next(node for node in self.nodes if node.op == "region" and node.value.scope == value.scope)
        return self._node(
            "gather", {"stack": stack}, [value], region.inputs[0].scope, [{**value.spec, "shape": shape}]
        )

    def gate(
        self, value: FakeValue, under: FakeValue | None = None, name: str = "", **options: Any
    ) -> FakeValue:
        inputs = [value] if under is None else [value, under]
        return self._node("gate", options, inputs, value.scope, [tensor("open", [1], "uint8")])

    def pipeline(self, name: str, application: str, sensor: FakeValue, outputs: Any, **options: Any) -> int:
        self.pipelines[name] = {"application": application, "outputs": outputs, **options}
        return len(self.pipelines) - 1

    def waits_for_itself(self, sensor: FakeValue, outputs: Any) -> bool:
        return False

    def finish(self) -> FakeBuilder:
        return self

    def save(self, path: str) -> None:
        Path(path).write_text("plan")

    def describe(self) -> dict[str, Any]:
        wanted: dict[int, list[str]] = {index: [] for index in range(len(self.nodes))}
        for name, planned in self.pipelines.items():
            for index in self._needed([value.node for _, value, _ in planned["outputs"]]):
                wanted[index].append(name)
        return {
            "nodes": [{"op": node.op, "pipelines": wanted[index]} for index, node in enumerate(self.nodes)]
        }

    def _needed(self, nodes: list[int]) -> set[int]:
        found = set(nodes)
        for node in nodes:
            found |= self._needed([value.node for value in self.nodes[node].inputs])
        return found

    def _node(
        self, op: str, params: dict[str, Any], inputs: list[FakeValue], scope: int, outputs: Any
    ) -> FakeValue:
        for node in self.nodes:
            if (node.op, node.params, node.inputs) == (op, params, inputs):
                return node.value
        value = FakeValue(len(self.nodes), 0, scope, outputs[0], outputs)
        self.nodes.append(Node(op, params, inputs, value))
        return value


def _outputs(op: str, params: dict[str, Any], inputs: list[Any]) -> list[Tensor]:
    given = inputs[0].get("shape", [])
    dtype = inputs[0].get("dtype", "float32")
    match op:
        case "image.to_tensor":
            channels = 1 if params["colour"] == "gray" else 3
            size = [params["height"], params["width"]]
            shape = [1, *size, channels] if params["layout"] == "nhwc" else [1, channels, *size]
            return [tensor("tensor", shape, params.get("dtype", "float32"))]
        case "audio.convert":
            return [tensor("samples", [-1])]
        case "audio.window" | "table.window":
            return [tensor("windows", [-1, params["size"], *given[1:]]), tensor("times", [-1, 2], "float64")]
        case "audio.log_mel" | "audio.mfcc" | "audio.micro_frontend":
            frames = -1 if given[0] < 0 else 1 + (given[0] - params["window"]) // params["hop"]
            row = next(params[key] for key in ("coefficients", "mels", "channels") if key in params)
            return [tensor("features", [frames, row])]
        case "table.select":
            return [tensor("rows", [-1, len(params["columns"])])]
        case "tensor.reshape":
            return [tensor("tensor", params["shape"], dtype)]
        case "tensor.transpose":
            return [tensor("tensor", [given[axis] for axis in params["axes"]], dtype)]
        case "tensor.cast" | "tensor.dequantize":
            return [tensor("tensor", given, params.get("dtype", "float32"))]
        case "answer.boxes" | "answer.yolo" | "answer.detr":
            return [tensor("detections", [-1, 6 + 3 * params.get("keypoints", 0)])]
        case "answer.keypoints":
            return [tensor("keypoints", [params["count"], 4])]
        case "answer.classes":
            return [tensor("classes", [-1, 2])]
        case "answer.probability":
            return [tensor("probability", [1])]
    return [tensor("tensor", [-1, 5] if op.startswith("regions.") else given, dtype)]
