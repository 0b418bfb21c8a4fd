"""The planner: scalings and shapes, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from edgert.documents import ImageInput
from edgert.planner.images import scaling
from edgert.planner.shapes import matches, target


@pytest.mark.parametrize(
    ("image", "scale", "offset"),
    [
        (ImageInput(range=(0, 1)), [1 / 255], [0.0]),
        (ImageInput(range=(-1, 1)), [2 / 255], [-1.0]),
        (ImageInput(mean=[127.5], deviation=[127.5]), [2 / 255], [-1.0]),
        (ImageInput(mean=[0.0], deviation=[255.0]), [1 / 255], [0.0]),
        (ImageInput(mean=[123.675, 116.28, 103.53], deviation=[58.395, 57.12, 57.375]),
         [1 / 58.395, 1 / 57.12, 1 / 57.375], [-123.675 / 58.395, -116.28 / 57.12, -103.53 / 57.375]),
        (ImageInput(), [1.0], [0.0]),
    ],
)  # fmt: skip
def test_scaling_is_exact(image: ImageInput, scale: list[float], offset: list[float]) -> None:
    made = scaling(image)
    assert np.allclose(made[0], scale, rtol=1e-15)
    assert np.allclose(made[1], offset, rtol=1e-15)


def test_the_same_scaling_written_in_two_ways_is_one_node() -> None:
    assert scaling(ImageInput(range=(-1, 1))) == scaling(ImageInput(mean=[127.5], deviation=[127.5]))
    assert scaling(ImageInput(range=(0, 1))) == scaling(
        ImageInput(mean=[0.0], deviation=[255.0, 255.0, 255.0])
    )


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ([576], [-1, -1], [1, 576]),
        ([96, 64], [-1, 96, 64], [1, 96, 64]),
        ([76, 32], [-1, 76, 32, 1], [1, 76, 32, 1]),
        ([1, 1, 1, 96], [-1, 96], [1, 96]),
        ([-1, 1024], [-1, 1024], [-1, 1024]),
        ([96, 64], [-1, 64, 96], None),
        ([10], [1, 5, 2], None),
        ([4, 3], [3], None),
    ],
)
def test_shapes_keep_their_order(given: list[int], wanted: list[int], expected: list[int] | None) -> None:
    assert target(given, wanted) == expected
    assert matches([1, -1, 3], [-1, 5, 3]) and not matches([1, 2], [1, 3])
