"""The work of bench/ablation.py: the ten models of parts/tenants/work.py in a fixed order, as documents, and
what each side switches off."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from parts.tenants.edgert import AUDIO_MODELS
from parts.tenants.work import AUDIO, HOP, VISION

ORDER = [
    "face", "voice", "scene", "sounds", "mesh", "scene-int8", "keyword-mel", "squeeze", "stages", "shuffle",
]  # fmt: skip
"""In which models are added: vision and sound mixed, small and large ones."""
QUICK = ("face", "voice", "mesh", "keyword-mel")
"""What somebody waits for; the others work in the background."""
BOUND = {True: "100ms", False: "500ms"}  # latency, at a real rate; by whether it is quick
SCENARIOS = {"one": 1, "two": 2}
"""Applications that want each model."""
CAMERA = {
    "type": "push",
    "format": {"kind": "image", "pixel": "yuv420p", "width": 1280, "height": 720},
}
MICROPHONE = {
    "type": "push",
    "format": {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "float32", "max_chunk": HOP},
}


@dataclass(frozen=True)
class Side:
    """What is switched off, and how."""

    label: str
    runtime: dict[str, Any] = field(default_factory=dict)
    """Keyword arguments of edgert.Runtime."""
    shared_sensors: bool = True
    exact: bool = True
    """Whether its answers are those of all on but for what cutting models into trunks and rests may do."""


ON = {"policy": "adaptive"}
SIDES = {
    "all_on": Side("all on", ON),
    "no_sharing": Side("without sharing", {**ON, "merge": False, "trunks": False}),
    "no_acquisition": Side("without single acquisition", ON, shared_sensors=False),
    "no_adaptive": Side("without adaptive scheduling", {"policy": "none", "order": "fifo"}),
    "no_fusing": Side("without fusing", {**ON, "fuse": False}, exact=False),
}


def models(count: int) -> list[str]:
    return ORDER[:count]


def pipelines(count: int, scenario: str) -> dict[str, str]:
    """The model of each pipeline, which is its application's only one."""
    return {f"{name}-{n}": name for name in models(count) for n in range(1, SCENARIOS[scenario] + 1)}


def sensor_of(pipeline: str, model: str, side: Side) -> str:
    kind = "microphone" if model in AUDIO else "camera"
    return kind if side.shared_sensors else f"{kind}-{pipeline}"


def documents(count: int, scenario: str, side: Side, paced: bool) -> Any:
    """The documents. `paced`: frames come at a rate and bounds count; else as fast as they can be served."""
    from edgert.documents import load

    wanted = pipelines(count, scenario)
    texts: dict[str, Any] = {}
    for pipeline, model in wanted.items():
        sensor = sensor_of(pipeline, model, side)
        texts[sensor] = _sensor(sensor, paced)
        texts[f"model {model}"] = _model(model)
        texts[f"application {pipeline}"] = {"kind": "Application", "name": pipeline}
        texts[f"pipeline {pipeline}"] = {
            "kind": "Pipeline",
            "name": pipeline,
            "application": pipeline,
            "sensor": sensor,
            "steps": [{"name": "answer", "model": model}],
            **({"latency": BOUND[model in QUICK], "on_miss": "late"} if paced else {}),
        }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ablation.yaml"
        path.write_text(yaml.safe_dump_all(texts.values()))
        return load(path)


def _sensor(name: str, paced: bool) -> dict[str, Any]:
    camera = name.startswith("camera")
    if paced:
        inbox = {"policy": "latest"} if camera else {"policy": "queue", "size": 8}
    else:
        inbox = {"policy": "block", "size": 4}
    return {"kind": "Sensor", "name": name, "inbox": inbox, "source": CAMERA if camera else MICROPHONE}


def _model(name: str) -> dict[str, Any]:
    if name in AUDIO:
        return {"kind": "Model", "name": name, **AUDIO_MODELS[name]}
    vision = next(v for v in VISION if v.name == name)
    return {"kind": "Model", "name": name, "file": f"zoo:{vision.zoo}", "input": {"image": vision.input}}
