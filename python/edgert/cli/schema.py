"""`edgert schema`: JSON Schemas of the documents."""

from __future__ import annotations

import json
from pathlib import Path

import click

EDITOR = "# yaml-language-server: $schema={}"


@click.command()
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write them into this folder."
)
@click.option(
    "--kind",
    type=click.Choice(["Sensor", "Model", "Pipeline", "Application", "Scheduler", "Profile"]),
    help="Print this kind's.",
)
def schema(output: Path | None, kind: str | None) -> None:
    """Write JSON Schemas, so that an editor completes documents.

    Without a folder, the schema for documents of any kind is printed.
    """
    from ..documents import schema as schemas

    if output is None:
        click.echo(json.dumps(schemas.schema(kind) if kind else schemas.schema_of_all(), indent=2))
        return
    files = schemas.write(output)
    for file in files:
        click.echo(str(file))
    click.echo(f"As the first line of a document: {EDITOR.format(files[0])}", err=True)
