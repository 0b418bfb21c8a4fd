"""`edgert explain`: the way from each sensor to each model, what it costs, and who shares it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .outputs import refuse_documents


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--measure",
    "measured",
    is_flag=True,
    help="Run each transform and model here, on synthetic data, and show what it took.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the plan into this file (.svg, .png or .pdf).",
)
@click.option("--no-trunks", is_flag=True, help="Models whole, also where they begin with equal layers.")
def explain(
    documents: tuple[Path, ...], measured: bool, as_json: bool, picture: Path | None, no_trunks: bool
) -> None:
    """Show how the models of DOCUMENTS (files and folders) get their inputs, and when pipelines run.

    For each model: the chain of transforms from the sensor to its input tensor, what each is expected to
    cost, and which pipelines share it. For each pipeline: its rate, trigger and latency, what its conditions
    open, and its other steps.
    """
    from .. import explain as explaining
    from ..documents import read
    from ..explain.kept import kept, unkept
    from ..planner import plan

    if picture is not None:
        refuse_documents([picture], documents)
    given = read(documents)
    planned = plan(given, trunks=not no_trunks)
    explanation = explaining.explain(planned)
    about_cache = {"kept": list(kept(given, planned)), "not_kept": list(unkept(given, planned))}
    if measured:
        explaining.measure(explanation)
    if picture is not None:
        explaining.draw(explanation, picture)
        click.echo(f"{picture}: written", err=True)
    if as_json:
        data = {**explanation.data(), "request_cache": about_cache}
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    if sys.stdout.isatty():
        from rich.console import Console

        Console().print(*explaining.tree(explanation), sep="\n")
    else:
        click.echo(explaining.text(explanation))
    for said in (*about_cache["kept"], *about_cache["not_kept"]):
        click.echo(said)
