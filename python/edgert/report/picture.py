"""A figure in a file: a picture, or a page with a title and a sentence above it."""

from __future__ import annotations

import io
from html import escape
from pathlib import Path
from typing import Any

from ..writing import writing

PICTURES = (".svg", ".png", ".pdf")
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; \
padding: 0 1rem; }} svg {{ max-width: 100%; height: auto; }}</style>
<h1>{title}</h1>
<p>{said}</p>
{picture}
</html>
"""


def save(figure: Any, file: Path, title: str, said: str) -> None:
    """Writes matplotlib's figure as the file is named: a picture (.svg, .png, .pdf), else a page (.html)."""
    if file.suffix.lower() in PICTURES:
        with writing(file):
            figure.savefig(file, dpi=110)
        return
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    picture = text.getvalue().split("?>", 1)[1].split('dtd">', 1)[-1]
    page = PAGE.format(title=escape(title), said=escape(said), picture=picture)
    with writing(file):
        file.write_text(page, encoding="utf-8")
