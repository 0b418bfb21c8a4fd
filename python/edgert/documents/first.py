"""A first Model document of a model file: what the file says, and guesses that are marked as such."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .first_answer import answer_lines

Tensor = Mapping[str, Any]
FEATURES = "features: {}  # guess: another step's output"
LIMITS = {"uint8": (0, 255), "int8": (-128, 127)}


def first_document(file: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> str:
    """The document's text. Guesses have a comment that begins with "guess"."""
    state = _states(inputs, outputs)
    constants = [tensor for tensor in inputs if len(tensor["shape"]) == 0]
    fed = [tensor for tensor in inputs if tensor["name"] not in state and tensor not in constants]
    said = [tensor for tensor in outputs if tensor["name"] not in state.values()]
    streamed = bool(state) and bool(constants)
    lines = ["kind: Model", f"name: {quoted(_name(file))}", f"file: {quoted(file)}", *_inputs(fed, streamed)]
    if constants:
        lines += ["constants:", *(f"  {quoted(tensor['name'])}: {_constant(tensor)}" for tensor in constants)]
    if state:
        lines += ["state:  # guess: inputs that are an output of the run before"]
        lines += [f"  {quoted(name)}: {quoted(output)}" for name, output in state.items()]
    pictures = [size for tensor in fed if (size := _picture(tensor)) is not None]
    return "\n".join([*lines, *_answer(said, pictures[0] if len(pictures) == 1 else None), ""])


def quoted(text: str) -> str:
    """The text as a YAML value: in quotes when it needs them."""
    plain = re.fullmatch(r"[A-Za-z_./][A-Za-z0-9_./-]*", text) or re.fullmatch(r"zoo:[a-z0-9-]+", text)
    words = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
    if plain and text.lower() not in words:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name(file: str) -> str:
    stem = file.removeprefix("zoo:") if file.startswith("zoo:") else Path(file).stem
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_") or "model"


def _states(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> dict[str, str]:
    """Inputs that look like an output of the run before: its name begins alike, as state and stateN."""
    found: dict[str, str] = {}
    for tensor in inputs if len(inputs) > 1 else []:
        for output in outputs:
            begins = (
                output["name"].lower().startswith(tensor["name"].lower()) and output["name"] != tensor["name"]
            )
            if begins and len(tensor["shape"]) == len(output["shape"]) > 0:
                found[tensor["name"]] = output["name"]
    return found


def _constant(tensor: Tensor) -> str:
    rate = tensor["name"].lower() in ("sr", "rate", "sample_rate")
    return "16000  # guess: Hz" if rate else "0  # guess: set it"


def _inputs(fed: Sequence[Tensor], streamed: bool) -> list[str]:
    if len(fed) == 1:
        return ["input:", f"  # {fed[0]['name']}: {_described(fed[0])}", *_input(fed[0], streamed, "  ")]
    lines = ["inputs:"]
    for tensor in fed:
        lines += [f"  {quoted(tensor['name'])}:  # {_described(tensor)}", *_input(tensor, streamed, "    ")]
    return lines


def _input(tensor: Tensor, streamed: bool, indent: str) -> list[str]:
    return [indent + line for line in _fed_by(tensor, streamed)]


def _fed_by(tensor: Tensor, streamed: bool) -> list[str]:
    shape, name = list(tensor["shape"]), tensor["name"].lower()
    if _picture(tensor) is not None:
        return _image(tensor, shape)
    if len(shape) == 4 and shape[3] == 1 and min(shape[1:3]) > 0:
        collected = f"features: {{columns: {shape[2]}, window: {shape[1]}}}"
        return [f"{collected}  # guess: that many rows of another step"]
    if "mel" in name and len(shape) >= 2 and min(shape[-2:]) > 1:
        return _log_mel(*shape[-2:])
    if any(word in name for word in ("embed", "feature")):
        return [f"{FEATURES}, from the tensor's name"]
    if len(shape) in (1, 2) and (shape[-1] < 0 or shape[-1] >= 256):
        return _audio(shape, streamed)
    if len(shape) == 3 and shape[1] > shape[2] > 0 and shape[2] <= 16:
        return [f"table: {{window: {shape[1]}}}  # guess: rows of {shape[2]} columns; add columns and rate"]
    return [f"{FEATURES}; or say image, audio or table"]


def _picture(tensor: Tensor) -> tuple[int, int] | None:
    """The width and height of a tensor that looks like a picture; (0, 0) when the file leaves them open."""
    shape = list(tensor["shape"])
    if len(shape) != 4 or not {shape[1], shape[3]} & {1, 3}:
        return None
    height, width = shape[1:3] if shape[3] in (1, 3) else shape[2:4]
    gray = 3 not in (shape[1], shape[3])
    if gray and height != width:  # more likely a spectrogram
        return None
    return max(width, 0), max(height, 0)


def _image(tensor: Tensor, shape: list[int]) -> list[str]:
    nhwc = shape[3] in (1, 3)
    height, width, channels = shape[1:] if nhwc else (shape[2], shape[3], shape[1])
    lines = ["image:"]
    if width > 0 and height > 0:
        lines.append(f"  size: [{width}, {height}]")
    else:
        lines.append("  size: [224, 224]  # guess: the file leaves it open")
    lines.append(f"  layout: {'nhwc' if nhwc else 'nchw'}  # guess, from the shape")
    lines.append(f"  colour: {'gray' if channels == 1 else 'rgb'}  # guess")
    lines.append("  fit: stretch  # guess: or letterbox, centre_crop")
    return [*lines, f"  {_range(tensor)}"]


def _range(tensor: Tensor) -> str:
    scale, zero = float(tensor.get("quant_scale") or 0), int(tensor.get("quant_zero") or 0)
    if tensor["dtype"] in LIMITS and scale > 0:
        low, high = ((limit - zero) * scale for limit in LIMITS[tensor["dtype"]])
        return f"range: [{low:.9g}, {high:.9g}]  # guess: what its integers can hold"
    if tensor["dtype"] in LIMITS:
        return "range: [0, 255]  # guess: pixels as they are"
    return "range: [0, 1]  # guess: or [-1, 1], or mean and deviation of pixels in 0..255"


def _audio(shape: list[int], streamed: bool) -> list[str]:
    lines = ["audio:", "  rate: 16kHz  # guess"]
    if shape[-1] > 0:
        return [*lines, f"  window: {shape[-1]}  # samples"]
    if not streamed:
        return [*lines, "  window: 16000  # guess: samples"]
    # What silero_vad takes at 16 kHz (its utils_vad.py): 512 samples behind the 64 before them.
    new, before = 512, 64
    return [
        *lines,
        f"  window: {new + before}  # guess, as silero_vad: {new} new samples behind {before} old ones",
        f"  hop: {new}",
        f"  pad_start: {before}",
    ]


def _log_mel(frames: int, mels: int) -> list[str]:
    """Frames of 25 ms, every 10 ms, at 16 kHz: what most speech models take."""
    samples = (frames - 1) * 160 + 400
    return [
        "audio:",
        "  rate: 16kHz  # guess",
        f"  window: {samples}  # guess: {frames} frames of 25 ms, every 10 ms",
        "  features:  # guess: also low, high, power, log and log_offset matter",
        f"    log_mel: {{window: 25ms, hop: 10ms, mels: {mels}}}",
    ]


def _answer(outputs: Sequence[Tensor], picture: tuple[int, int] | None) -> list[str]:
    listed = [f"  # {tensor['name']}: {_described(tensor)}" for tensor in outputs]
    return ["answer:", *listed, *(f"  {line}" for line in answer_lines(outputs, picture, quoted))]


def _described(tensor: Tensor) -> str:
    shape = ", ".join("?" if extent < 0 else str(extent) for extent in tensor["shape"])
    scale = float(tensor.get("quant_scale") or 0)
    quantised = f", scale {scale:.6g}, zero {tensor.get('quant_zero', 0)}" if scale else ""
    return f"{tensor['dtype']} [{shape}]{quantised}"
