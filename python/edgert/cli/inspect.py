"""`edgert inspect`: what a model file takes and gives."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..writing import writing

if TYPE_CHECKING:
    from .._native import Model

LONGEST = 60  # characters of a metadata value


@click.command()
@click.argument("model")
@click.option("--document", "as_document", is_flag=True, help="Print a first Model document instead.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the document to this file."
)
@click.option("--backend", default="", help="The engine (see `edgert doctor`); left out, by the file's type.")
def inspect(model: str, as_document: bool, output: Path | None, backend: str) -> None:
    """Show the inputs, outputs and metadata of MODEL, a file or zoo:NAME.

    With --document or -o: a first Model document for it, in which what the file doesn't say is a guess to be
    looked at; of a model of the zoo, the zoo's own document, to be changed. Then write a Sensor and a
    Pipeline beside it (docs/documents.md), and `edgert run` them.
    """
    from ..documents.first import first_document
    from ..loading import load

    opened = load(model, backend)
    if not as_document and output is None:
        _show(opened)
        return
    reference = model if model.startswith("zoo:") else _beside(model, output)
    known = _of_the_zoo(model)
    text = known or first_document(reference, opened.inputs, opened.outputs)
    if output is None:
        click.echo(text, nl=False)
        return
    _write(output, text)
    then = "it is the zoo's, to be changed" if known else "go through its guesses"
    click.echo(f"{output}: written; {then}, then run `edgert check {output}`", err=True)


def _of_the_zoo(model: str) -> str:
    """The document that the zoo has for this model, if any."""
    from ..documents.collection import ZOO_DOCUMENTS

    name = model.removeprefix("zoo:")
    file = ZOO_DOCUMENTS / f"{name}.yaml"
    if name == model or not re.fullmatch(r"[A-Za-z0-9_-]+", name) or not file.is_file():
        return ""
    return file.read_text(encoding="utf-8")


def _beside(model: str, output: Path | None) -> str:
    """The model's path as a document in that file would say it."""
    if output is None:
        return model
    path = Path(model).resolve()
    folder = output.resolve().parent
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _write(file: Path, text: str) -> None:
    from ..errors import InvalidError, make

    try:
        with writing(file), file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise make(InvalidError, str(file), "is there already", "give another name, or remove it") from None


def _show(model: Model) -> None:
    click.echo(f"{model.file}  ({model.backend})")
    rows = [("input", tensor) for tensor in model.inputs] + [("output", tensor) for tensor in model.outputs]
    fields = [_fields(side, tensor) for side, tensor in rows]
    if sys.stdout.isatty():
        _table(fields)
    else:
        for row in fields:
            click.echo("\t".join(row).rstrip())
    for key, value in sorted(model.metadata.items()):
        text = " ".join(value.split())
        click.echo(f"{key}: {text if len(text) <= LONGEST else text[:LONGEST] + '…'}")


def _fields(side: str, tensor: dict[str, Any]) -> list[str]:
    shape = " × ".join("?" if extent < 0 else str(extent) for extent in tensor["shape"]) or "scalar"
    scale = tensor["quant_scale"]
    quantised = f"scale {scale:.6g}, zero {tensor['quant_zero']}" if scale else ""
    return [side, tensor["name"], tensor["dtype"], shape, quantised]


def _table(rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("", "name", "type", "shape", "quantisation")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)
