"""edgert's side of bench/tenants.py, and the limit: what the distinct work costs alone."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import yaml
from common import pss_mib, threads_cpu_ms
from edgert.documents import load

from parts.tenants.work import AUDIO, HOP, MODELS, VISION, Kept, camera_file, sound

MEL = {
    "fft": 512,
    "window": "25ms",
    "hop": "10ms",
    "window_type": "hann",
    "mels": 64,
    "low": 125,
    "high": 7500,
    "mel_scale": "htk",
    "power": 1,
    "log": "ln",
    "log_offset": 0.001,
}
AUDIO_MODELS: dict[str, dict[str, Any]] = {
    "voice": {
        "file": "zoo:silero-vad",
        "inputs": {"input": {"audio": {"rate": "16kHz", "window": 576, "hop": 512, "pad_start": 64}}},
        "constants": {"sr": 16000},
        "state": {"state": "stateN"},
    },
    "sounds": {
        "file": "zoo:yamnet",
        "input": {"audio": {"rate": "16kHz", "window": 15600, "hop": HOP, "features": {"log_mel": MEL}}},
    },
    "keyword-mel": {
        "file": "zoo:keyword-melspectrogram",
        "input": {"audio": {"rate": "16kHz", "window": 1760, "hop": 1280, "pad_start": 480, "gain": 32767}},
    },
}


def documents(only: set[str] | None = None) -> Any:
    """Ten applications, one for each model, as documents."""
    camera = {
        "kind": "Sensor",
        "name": "camera",
        "inbox": {"policy": "block", "size": 4},
        "source": {
            "type": "push",
            "format": {"kind": "image", "pixel": "yuv420p", "width": 1280, "height": 720},
        },
    }
    microphone = {
        "kind": "Sensor",
        "name": "microphone",
        "inbox": {"policy": "block", "size": 4},
        "source": {
            "type": "push",
            "format": {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "float32", "max_chunk": HOP},
        },
    }
    texts = [camera, microphone]
    for vision in VISION:
        texts.append(
            {
                "kind": "Model",
                "name": vision.name,
                "file": f"zoo:{vision.zoo}",
                "input": {"image": vision.input},
            }
        )
    texts += [{"kind": "Model", "name": name, **body} for name, body in AUDIO_MODELS.items()]
    for name in [v.name for v in VISION] + AUDIO:
        if only is None or name in only:
            texts.append({"kind": "Application", "name": name})
            texts.append(
                {
                    "kind": "Pipeline",
                    "name": name,
                    "application": name,
                    "sensor": "microphone" if name in AUDIO else "camera",
                    "steps": [{"name": "answer", "model": name}],
                }
            )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tenants.yaml"
        path.write_text(yaml.safe_dump_all(texts))
        return load(path)


def decoded(rounds: int, *, live: bool = False) -> Iterator[tuple[Any, float]]:
    """Frames of the camera file, again and again, with the milliseconds of CPU time each took."""
    import av

    def forever() -> Iterator[Any]:
        with av.open(str(camera_file(120, live=live))) as container:
            decoder = container.streams.video[0].codec_context
            # Other work keeps the other cores busy, and one thread decodes for the least CPU time.
            decoder.thread_count = 1
            while True:
                yield from container.decode(video=0)
                decoder.flush_buffers()
                container.seek(0)

    frames = forever()
    for _ in range(rounds):
        began = time.thread_time()
        frame = next(frames)
        yield frame, (time.thread_time() - began) * 1e3


def push_all(port: Any, frames: Iterator[tuple[Any, float]]) -> None:
    for index, (frame, decode_ms) in enumerate(frames):
        sides = list(frame.planes)
        port.push_image(
            sides,
            [plane.line_size for plane in sides],
            frame.width,
            frame.height,
            "yuv420p",
            media_time=index / 10,
            decode_ms=decode_ms,
        )


def push_sound(port: Any, samples: Any) -> None:
    for start in range(0, len(samples), HOP):
        port.push_samples(samples[start : start + HOP].reshape(-1, 1), media_time=start / 16000)


def serve(rounds: int, output: str) -> dict[str, Any]:
    """All ten models on both sensors, as fast as they can be served, in a process of edgert's own."""
    edgert.dedicate_process()
    next(decoded(1))  # the file is in the page cache, as it is for the processes
    runtime = edgert.Runtime(documents())
    samples = sound(rounds)
    kept = Kept(output)
    counts = dict.fromkeys(MODELS, 0)

    def take(name: str) -> Any:
        def each(result: Any) -> None:
            if result.error is not None:
                raise result.error
            counts[name] += 1
            if result.sequence % 20 == 10:
                for i, array in enumerate(outputs_of(name, result)):
                    kept.keep(f"{name}.{result.sequence}.{i}", array)

        return each

    for name in MODELS:
        runtime.on_result(f"{name}/{name}", take(name))
    with runtime:
        began, used = time.perf_counter(), time.process_time()
        native = runtime._native
        feeders = [
            threading.Thread(target=push_all, args=(native.sensor("camera"), decoded(rounds))),
            threading.Thread(target=push_sound, args=(native.sensor("microphone"), samples)),
        ]
        for feeder in feeders:
            feeder.start()
        for feeder in feeders:
            feeder.join()
        while min(counts.values()) < rounds:
            time.sleep(0.001)
        return {
            "seconds": time.perf_counter() - began,
            "cpu_ms": (time.process_time() - used) / rounds * 1e3,
            "pss_mib": pss_mib(),
        }


def outputs_of(name: str, result: Any) -> list[Any]:
    """A result's outputs as process.py gives them; windows that gave none are left out."""
    values = [
        [array for _, array in value] if isinstance(value, list) else value
        for value in result.native.outputs.values()
    ]
    values = [value for value in values if not (isinstance(value, list) and not value)]
    return [
        value if not isinstance(value, list) else value[0] if name == "sounds" else np.stack(value)
        for value in values
    ]


def limit(rounds: int) -> dict[str, Any]:
    """Milliseconds a round of the distinct work, each piece run alone, one at a time, on this core; and the
    same in CPU time, which other load of the machine hardly changes."""
    frames = list(decoded(min(rounds, 40)))
    samples = sound(len(frames))
    began = time.perf_counter()
    cpu = sum(ms for _, ms in decoded(rounds)) / rounds
    total = {"decode": (time.perf_counter() - began) / rounds * 1e3}
    seen: set[str] = set()
    for name in MODELS:
        runtime = edgert.Runtime(documents({name}), lanes=1)
        runtime.on_result(None, lambda result: None)
        with runtime:
            lanes = threads_cpu_ms("edgert-lane")
            if name in AUDIO:
                push_sound(runtime._native.sensor("microphone"), samples)
            else:
                push_all(runtime._native.sensor("camera"), iter(frames))
            runtime.finish("microphone" if name in AUDIO else "camera")
            runtime.wait()
            lanes = threads_cpu_ms("edgert-lane") - lanes
            nodes = runtime.metrics()["nodes"]
        identities = {node["id"]: node["identity"] for node in runtime.plan.spec.describe()["nodes"]}
        costs = [node["run_ms_mean"] * node["executed"] / len(frames) for node in nodes]
        on_core = lanes / len(frames) / sum(costs)  # CPU time over time
        for node, cost in zip(nodes, costs, strict=True):
            if node["executed"] and identities[node["id"]] not in seen:
                seen.add(identities[node["id"]])
                total[f"{name}:{node['op']}"] = total.get(f"{name}:{node['op']}", 0) + cost
                cpu += cost * on_core
    return {"ms": total, "cpu_ms": cpu}


def main() -> None:
    mode, rounds = sys.argv[1], int(sys.argv[2])
    if mode == "limit":
        print(json.dumps(limit(rounds)), flush=True)
        return
    print(json.dumps(serve(rounds, sys.argv[3])), flush=True)


if __name__ == "__main__":
    main()
