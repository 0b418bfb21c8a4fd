"""Annotated pictures, now and then."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from ..results import Result
from .canvas import import_pillow
from .composer import Composed, Composer

HEIGHT = 480  # pixels, of pictures side by side


class Pictures:
    """Writes an annotated picture of a camera into a folder, every `every` seconds of its time.

    Files are called SENSOR-SECONDS.png. Raises UnavailableError without pillow, OSError when the folder can't
    be written.
    """

    def __init__(self, folder: str | Path, sensor: str, every: float = 10.0, kind: str = "png") -> None:
        import_pillow(str(folder))
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.written: list[Path] = []
        self.best: Path | None = None  # the one on which most is drawn
        self._most = -1
        self._composer = Composer(sensor)
        self._every, self._kind = every, kind
        self._next = 0.0
        self._lock = threading.Lock()

    def __call__(self, result: Result) -> None:
        """Takes one result."""
        self._composer.add(result)
        with self._lock:
            self._save(rest=False)

    def close(self) -> None:
        """Writes what is left."""
        with self._lock:
            self._save(rest=True)

    def _save(self, rest: bool) -> None:
        while (composed := self._composer.take(rest)) is not None:
            if composed.media_time >= self._next:
                self._write(composed)
                self._next = composed.media_time + self._every

    def _write(self, composed: Composed) -> None:
        path = self.folder / f"{self._composer.sensor}-{composed.media_time:07.1f}.{self._kind}"
        canvas = composed.draw()
        canvas.save(path)
        self.written.append(path)
        if canvas.marks > self._most:
            self.best, self._most = path, canvas.marks


def side_by_side(chosen: Sequence[Path], target: Path) -> Path | None:
    """Puts pictures beside each other, at one height. None when there is none."""
    if not chosen:
        return None
    pil = import_pillow(str(target))
    images = [pil.Image.open(file).convert("RGB") for file in chosen]
    scaled = [image.resize((image.width * HEIGHT // image.height, HEIGHT)) for image in images]
    whole = pil.Image.new("RGB", (sum(image.width for image in scaled), HEIGHT))
    x = 0
    for image in scaled:
        whole.paste(image, (x, 0))
        x += image.width
    whole.save(target)
    return target
