"""A first Model document of a model file: what the file says, and guesses that are marked as such."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Tensor = Mapping[str, Any]
LIMITS = {"uint8": (0, 255), "int8": (-128, 127)}


def first_document(file: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> str:
    """The document's text. Guesses have a comment that begins with "guess"."""
    state = _states(inputs, outputs)
    constants = [tensor for tensor in inputs if len(tensor["shape"]) == 0]
    fed = [tensor for tensor in inputs if tensor["name"] not in state and tensor not in constants]
    said = [tensor for tensor in outputs if tensor["name"] not in state.values()]
    lines = ["kind: Model", f"name: {_name(file)}", f"file: {quoted(file)}", *_inputs(fed)]
    if constants:
        lines += ["constants:", *(f"  {quoted(tensor['name'])}: {_constant(tensor)}" for tensor in constants)]
    if state:
        lines += ["state:  # guess: inputs that are an output of the run before"]
        lines += [f"  {quoted(name)}: {quoted(output)}" for name, output in state.items()]
    return "\n".join([*lines, *_answer(said), ""])


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


def _inputs(fed: Sequence[Tensor]) -> list[str]:
    if len(fed) == 1:
        return ["input:", f"  # {fed[0]['name']}: {_described(fed[0])}", *_input(fed[0], "  ")]
    lines = ["inputs:"]
    for tensor in fed:
        lines += [f"  {quoted(tensor['name'])}:  # {_described(tensor)}", *_input(tensor, "    ")]
    return lines


def _input(tensor: Tensor, indent: str) -> list[str]:
    shape = list(tensor["shape"])
    if len(shape) == 4 and (3 in (shape[1], shape[3]) or 1 in (shape[1], shape[3])):
        return [indent + line for line in _image(tensor, shape)]
    if len(shape) in (1, 2) and (shape[-1] < 0 or shape[-1] >= 256):
        return [indent + line for line in _audio(shape)]
    if len(shape) == 3 and shape[1] > shape[2] > 0 and shape[2] <= 16:
        table = f"table: {{window: {shape[1]}}}  # guess: rows of {shape[2]} columns; add columns and rate"
        return [indent + table]
    return [indent + "features: {}  # guess: another step's output; or say image, audio or table"]


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


def _audio(shape: list[int]) -> list[str]:
    window = shape[-1] if shape[-1] > 0 else 16000
    lines = ["audio:", "  rate: 16kHz  # guess"]
    return [*lines, f"  window: {window}  # {'samples' if shape[-1] > 0 else 'guess: samples'}"]


def _answer(outputs: Sequence[Tensor]) -> list[str]:
    listed = [f"  # {tensor['name']}: {_described(tensor)}" for tensor in outputs]
    guess = _guess(outputs)
    note = "guess" if guess[0] != "raw" else "the tensors as they are; or say how to read them"
    return ["answer:", *listed, f"  type: {guess[0]}  # {note}", *(f"  {line}" for line in guess[1:])]


def _guess(outputs: Sequence[Tensor]) -> list[str]:
    if len(outputs) == 2:
        return _guess_two(*outputs)
    if len(outputs) != 1:
        return ["raw"]
    shape = [extent for extent in outputs[0]["shape"] if extent != 1]
    real = [extent for extent in shape if extent > 0]
    if len(outputs[0]["shape"]) == 4 and len(real) >= 2:
        return ["mask"]
    if len(shape) == 2 and len(real) == 2 and min(real) >= 6 and max(real) > 500:
        return ["yolo", f"layout: {'v8' if real[0] < real[1] else 'v5'}  # guess"]
    if len(real) == 1 and real[0] >= 2:
        return ["classes", "activation: none  # guess: softmax for logits", "# labels: names.txt"]
    return ["probability"] if not real else ["raw"]


def _guess_two(first: Tensor, second: Tensor) -> list[str]:
    for boxes, scores in ((first, second), (second, first)):
        wide = [
            len(tensor["shape"]) == 3 and tensor["shape"][1] == boxes["shape"][1]
            for tensor in (boxes, scores)
        ]
        if all(wide) and boxes["shape"][2] == 4:
            names = [f"boxes: {quoted(boxes['name'])}", f"scores: {quoted(scores['name'])}"]
            return ["boxes", *names, "format: corners  # guess: or centre, ssd, mediapipe"]
    return ["raw"]


def _described(tensor: Tensor) -> str:
    shape = ", ".join("?" if extent < 0 else str(extent) for extent in tensor["shape"])
    scale = float(tensor.get("quant_scale") or 0)
    quantised = f", scale {scale:.6g}, zero {tensor.get('quant_zero', 0)}" if scale else ""
    return f"{tensor['dtype']} [{shape}]{quantised}"
