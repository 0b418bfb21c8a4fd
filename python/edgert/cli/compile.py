"""`edgert compile`: the plan as a file, for the C++ runtime."""

from __future__ import annotations

from pathlib import Path

import click

from .outputs import refuse_documents


@click.command(name="compile")
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The plan file."
)
@click.option("--no-trunks", is_flag=True, help="Run models whole, also where they begin with equal layers.")
def compile_(documents: tuple[Path, ...], output: Path, no_trunks: bool) -> None:
    """Write DOCUMENTS (files and folders) as a plan file that the C++ runtime loads without Python.

    The file names its models by absolute path and content: it runs on this machine, or where they lie at the
    same place. See examples/cpp.
    """
    from ..documents import read
    from ..planner import plan

    refuse_documents([output], documents)
    planned = plan(read(documents), trunks=not no_trunks)
    planned.spec.save(str(output))
    kinds = {"pipeline": planned.pipelines, "model": planned.models, "sensor": planned.sensors}
    counts = ", ".join(f"{len(all_)} {kind}{'s' * (len(all_) != 1)}" for kind, all_ in kinds.items())
    click.echo(f"{output}: {counts}, {output.stat().st_size} bytes")
