"""The weights of an ONNX file, inside it or in files beside it, by content."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from .errors import Uncut
from .network import Hash, digest


class Weights:
    """Reads tensors of a model whose folder is `folder`."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._maps: dict[str, Any] = {}

    def digest(self, tensor: Any) -> Hash:
        """Of type, shape and numbers, however they are stored."""
        shape = ",".join(str(extent) for extent in tensor.dims)
        return digest(str(tensor.data_type), shape, self.numbers(tensor))

    def numbers(self, tensor: Any) -> bytes:
        """The numbers, as raw_data has them. Raises Uncut when their file can't be read."""
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            return self._outside(tensor)
        if tensor.HasField("raw_data"):
            return bytes(tensor.raw_data)
        if tensor.data_type == onnx.TensorProto.STRING:
            return digest(*tensor.string_data)
        return bytes(np.ascontiguousarray(numpy_helper.to_array(tensor)).tobytes())

    def inside(self, tensor: Any, name: str) -> Any:
        """The same tensor under another name, with its numbers inside."""
        made = onnx.TensorProto()
        made.name, made.data_type = name, tensor.data_type
        made.dims.extend(tensor.dims)
        if tensor.data_type == onnx.TensorProto.STRING:
            made.string_data.extend(tensor.string_data)
        else:
            made.raw_data = self.numbers(tensor)
        return made

    def _outside(self, tensor: Any) -> bytes:
        about = {each.key: each.value for each in tensor.external_data}
        file = self._folder / about.get("location", "")
        try:
            if str(file) not in self._maps:
                with file.open("rb") as stream:
                    self._maps[str(file)] = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            begin = int(about.get("offset", 0))
            length = int(about.get("length", 0)) or len(self._maps[str(file)]) - begin
            return bytes(self._maps[str(file)][begin : begin + length])
        except (OSError, ValueError) as error:
            raise Uncut(f"the weights in {file} can't be read: {error}") from error


def outside_files(model: Any, folder: Path) -> Iterator[Path]:
    """The files beside a model that its weights are in, each once."""
    seen = set()
    for tensor in model.graph.initializer:
        for each in tensor.external_data:
            if each.key == "location" and each.value not in seen:
                seen.add(each.value)
                yield folder / each.value
