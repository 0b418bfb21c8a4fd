"""Checks that what the documentation points to is there: files and headings that links name, and files of the
repository that stand between backticks; and that docs/README.md lists all pages. Prints what isn't so, and
exits with 1.

    python tools/check_docs.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:cc|h|inc|py|pyi|md|txt|cmake))`")
BUILT = re.compile(r"(\.|build|dist/|edgert-demo/)")
"""How ways into folders that tools make begin."""
SHORT = ("", "csrc/edgert/", "csrc/", "python/edgert/", "python/", "bench/", "docs/")
"""Where a file may lie that is named without the whole way."""


def main() -> int:
    files = pages()
    wrong = [f"{name}:{line}: {what}" for name in files for line, what in problems(ROOT / name)]
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    names = [Path(name).name for name in files if name.startswith("docs/") and name != "docs/README.md"]
    wrong += [f"docs/README.md: it doesn't list {page}" for page in names if f"({page})" not in listed]
    print("\n".join(wrong) or f"{len(files)} pages: all that they point to is there")
    return 1 if wrong else 0


def pages() -> list[str]:
    """The repository's pages; without git, or in a mere copy, those outside of what tools make."""
    ask = ["git", "ls-files", "-co", "--exclude-standard", "*.md"]
    try:
        return subprocess.run(ask, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        found = [page.relative_to(ROOT) for page in ROOT.rglob("*.md")]
        return sorted(str(page) for page in found if not BUILT.match(str(page)))


def problems(page: Path) -> Iterator[tuple[int, str]]:
    """What a page points to that isn't there, with the line."""
    text = prose(page)
    for found in LINK.finditer(text):
        if not re.match(r"[a-z]+:", found[1]) and (what := broken(page, found[1])):
            yield line_of(text, found), what
    for found in NAMED.finditer(text):
        if not any((ROOT / folder / found[1]).exists() for folder in SHORT):
            yield line_of(text, found), f"there is no file {found[1]}"


def broken(page: Path, link: str) -> str:
    """What is wrong with a link; empty when nothing is."""
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return f"{link} leads to no file"
    if heading and target.suffix == ".md" and heading not in headings(target):
        return f"{link} leads to no heading"
    return ""


@lru_cache
def headings(page: Path) -> set[str]:
    """As GitHub writes them in addresses."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower() for title in titles]
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in plain}


@lru_cache
def prose(page: Path) -> str:
    """The text without blocks of code, with as many lines."""
    return FENCED.sub(lambda block: "\n" * block[0].count("\n"), page.read_text(encoding="utf-8"))


def line_of(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


if __name__ == "__main__":
    sys.exit(main())
