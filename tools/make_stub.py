"""Writes python/edgert/_native.pyi, the types of the native module, from the installed module:

    python tools/make_stub.py            # writes it
    python tools/make_stub.py --check    # says whether it is up to date

pybind11-stubgen makes it; what it leaves untyped is filled in here.
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

STUB = Path(__file__).parent.parent / "python" / "edgert" / "_native.pyi"
HEAD = '"""The native module. Made by tools/make_stub.py; not to be changed by hand."""\n'
FIELDS = "    # Set on each error.\n    code: str\n    where: str\n    what: str\n    hint: str\n"
SHORTER = {
    r"typing\.SupportsInt \| typing\.SupportsIndex": "typing.SupportsInt",
    r"typing\.SupportsFloat \| typing\.SupportsIndex": "typing.SupportsFloat",
    r"(\*args|\*\*kwargs)(?=[,)])": r"\1: typing.Any",
    r"\bnumpy\.ndarray\b": "numpy.typing.NDArray[typing.Any]",
    r"\bdict\b(?!\[)(?=[,:)\]\s])": "dict[str, typing.Any]",
    r"(-> |: )list(?!\[)(?=[,:)])": r"\1list[typing.Any]",
    r"collections\.abc\.Sequence(?!\[)": "collections.abc.Sequence[typing.Any]",
}
SIGNATURE = re.compile(r"^\s*def ")
ERROR = re.compile(r'^class Error\(Exception\):\n    """.*?"""\n', re.DOTALL | re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Exit code: 0 written, or up to date; 1 out of date."""
    text = stub()
    if "--check" not in arguments:
        STUB.write_text(text, encoding="utf-8")
        return 0
    there = STUB.read_text(encoding="utf-8") if STUB.exists() else ""
    if there == text:
        return 0
    sys.stderr.writelines(
        difflib.unified_diff(there.splitlines(True), text.splitlines(True), str(STUB), "the module")
    )
    sys.stderr.write(f"{STUB.name}: differs from the module; run python tools/make_stub.py\n")
    return 1


def stub() -> str:
    """The stub's text for the installed module."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pybind11_stubgen", "edgert._native", "-o", folder, "--exit-code"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        made = Path(folder, "edgert", "_native.pyi").read_text(encoding="utf-8")
    body = re.sub(r'\A""".*?"""\n', "", made, flags=re.DOTALL)
    body = "".join(f"{shorter(line)}\n" for line in body.splitlines())
    body = on_any_python(body.replace("import numpy\n", "import numpy.typing\n"))
    return HEAD + ERROR.sub(rf"\g<0>{FIELDS}", body)


def on_any_python(body: str) -> str:
    """The same text whichever Python made it: from 3.12 on pybind11 names a buffer by collections.abc."""
    body = body.replace("collections.abc.Buffer", "typing_extensions.Buffer")
    if "typing_extensions." in body and "import typing_extensions\n" not in body:
        body = body.replace("import typing\n", "import typing\nimport typing_extensions\n", 1)
    return body


def shorter(line: str) -> str:
    """A line of the stub with complete and readable types."""
    if SIGNATURE.match(line):
        for pattern, replacement in SHORTER.items():
            line = re.sub(pattern, replacement, line)
    return line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
