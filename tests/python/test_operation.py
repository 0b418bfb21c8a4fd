"""One operation by itself: what it says of itself, and runs of it on frames and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.errors import InvalidError

CAMERA = {"kind": "image", "pixel": "rgb24", "width": 8, "height": 4}
PICTURE = {"width": 8, "height": 4, "fit": "stretch", "colour": "rgb", "layout": "nhwc"}


def test_a_picture_is_a_list_of_planes() -> None:
    operation = _native.Operation("image.to_tensor", PICTURE, [CAMERA])
    [spec] = operation.outputs
    assert (spec["dtype"], spec["shape"]) == ("float32", (1, 4, 8, 3)) and not operation.stateful
    picture = np.random.default_rng(1).integers(0, 255, (4, 8, 3), np.uint8)
    [plain] = operation.run([[picture]])
    wide = np.zeros((4, 16, 3), np.uint8)
    wide[:, 4:12] = picture
    [strided] = operation.run([[wide[:, 4:12]]])
    np.testing.assert_array_equal(plain, strided)
    np.testing.assert_array_equal(
        np.argsort(plain.ravel(), kind="stable"), np.argsort(picture.ravel(), kind="stable")
    )
    with pytest.raises(ValueError, match="read-only"):
        plain[0] = 1
    with pytest.raises(InvalidError, match="at least one plane"):
        operation.run([[]])


def windows() -> Any:
    form = {"dtype": "float32", "shape": [-1, 1], "max_bytes": 4 * 4}
    return _native.Operation("table.window", {"size": 4, "hop": 4, "rate": 10.0}, [form])


def test_a_stateful_one_goes_on_until_it_is_reset() -> None:
    operation, rows = windows(), np.arange(3, dtype=np.float32)[:, None]
    assert operation.stateful and operation.seconds == operation.last_seconds == 0
    assert len(operation.run([rows])[0]) == 0
    [window] = operation.run([rows + 3])[0]
    np.testing.assert_array_equal(window[:, 0], [0, 1, 2, 3])
    operation.reset()
    assert len(operation.run([rows])[0]) == 0
    assert operation.seconds > 0 and operation.last_seconds > 0


def test_wrong_counts_of_inputs_are_refused() -> None:
    with pytest.raises(InvalidError, match="takes 1 inputs, got 0"):
        windows().run([])
