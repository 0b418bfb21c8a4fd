"""Saving what is on the disk of a clip that was not finished."""

from __future__ import annotations

from pathlib import Path

from ..sources.media import import_av


def saved(partial: Path, whole: Path) -> bool:
    """Gives the clip its name where its first picture can be played; else it goes."""
    try:
        with import_av(str(whole)).open(str(partial)) as container:
            next(container.decode(video=0))
        partial.replace(whole)
    except Exception:  # whatever FFmpeg says of half a file
        partial.unlink(missing_ok=True)
        return False
    return True
