"""Transforms written in Python: a class with `format` and `run`, used as a step or in a conversion.

    class Brightness(edgert.transforms.Transform):
        def __init__(self, factor: float = 1.0) -> None:
            self.factor = factor

        def format(self, inputs):
            return Output(inputs[0]["shape"])

        def run(self, picture):
            return picture * np.float32(self.factor)

In a document: `transform: {python: "box_transforms:Brightness"}`. See docs/adding-a-transform.md.
"""

from __future__ import annotations

from .base import Output, Picture, Transform
from .reference import OPERATION, params, register, registered

__all__ = ["OPERATION", "Output", "Picture", "Transform", "params", "register", "registered"]
