"""One picture of all cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..sinks.canvas import import_pillow

HEIGHT = 480  # pixels


def side_by_side(written: Sequence[Sequence[Path]], target: Path) -> Path | None:
    """Puts the middle picture of each camera beside the others'. None when there is none."""
    chosen = [files[len(files) // 2] for files in written if files]
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
