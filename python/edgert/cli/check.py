"""`edgert check`: refuses before running what can be refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import FAILED, REFUSED
from .measured import tell_stale

if TYPE_CHECKING:
    from ..documents import Document, DocumentSet
    from ..documents.base import Route
    from ..planner import Planned

MODEL = "model"


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--no-devices", is_flag=True, help="Don't look whether devices and hosts are there.")
@click.pass_context
def check(context: click.Context, documents: tuple[Path, ...], no_devices: bool) -> None:
    """Check DOCUMENTS (files and folders) without running them.

    Reads the documents, looks at the recordings that sensors name, opens every model, plans, and looks
    whether what they name is there: cameras, microphones, serial ports, GStreamer's elements, and the hosts
    of network cameras, brokers and devices (which are asked whether they answer, and told nothing).

    Exit codes: 0 all well; 1 a document, file or model is refused; 3 the documents are well, but a device or
    host isn't there now (a run goes on without it, and ends with 3 where it is a sensor's).
    """
    from ..documents import read
    from ..explain.kept import unkept
    from ..planner import plan

    given = read(documents)
    planned = plan(given, only_check=True)
    tried = list(_tried_policies(given, planned))
    nodes = planned.spec.describe()["nodes"] if planned.pipelines else []
    rows = [*_rows(given, planned), *tried]
    if sys.stdout.isatty():
        _table(rows)
    else:
        for row in rows:
            click.echo("\t".join(row))
    tell_stale(given, planned)
    read_ones = {name for pipeline in planned.pipelines.values() for name in pipeline.sensors}
    looked_at = read_ones or set(planned.sensors)
    absent, refused = (0, 0) if no_devices else _absent(planned, looked_at)
    if refused:
        context.exit(REFUSED)
    ending = f"; not there now: {_count(absent, 'device or host', 'devices or hosts')}" if absent else ""
    click.echo(f"{'the documents are' if absent else 'all'} well{shared(nodes)}{ending}")
    for name in sorted(planned.sensors.keys() - read_ones):
        click.echo(f"Sensor/{name}: no pipeline reads it", err=True)
    for said in unkept(given, planned):
        click.echo(said, err=True)
    if absent:
        context.exit(FAILED)


def _tried_policies(documents: DocumentSet, planned: Planned) -> Iterator[list[str]]:
    """Makes each Policy document's policy in its own process and calls it once. Raises DocumentErrors."""
    from ..documents import DocumentErrors
    from ..documents.errors import problem_at
    from ..errors import Error
    from ..policy.chosen import of_document
    from ..policy.outline import outline_of
    from ..policy.trial import try_out

    if not documents.policies:
        return
    outline = outline_of(planned)
    found = []
    for document in documents.policies.values():
        try:
            decided = try_out(of_document(document), outline)
        except Error as error:
            found.append(problem_at(document, ("policy",), error.what, error.hint))
        else:
            order = decided.order.base if decided.order else "as the runtime's order"
            yield ["policy", document.name, f"{document.policy}, every {document.period * 1e3:g} ms: {order}"]
    if found:
        raise DocumentErrors(found)


def _absent(planned: Planned, names: set[str]) -> tuple[int, int]:
    """Says on standard error which devices and hosts aren't there; how many, and how many never will be."""
    from ..documents.errors import problem_at
    from ..errors import InvalidError
    from ..sources.presence import absent

    named = list(_named(planned, names))
    found = refused = 0
    for (document, route, _), error in zip(named, absent([each for *_, each in named]), strict=True):
        if error is None:
            continue
        if isinstance(error, InvalidError):
            refused += 1
            said, colour = f"{error.where}: {error.what}", "red"
        else:
            found += 1
            said, colour = f"not there now: {error.where}: {error.what}", "yellow"
        click.secho(str(problem_at(document, route, said, error.hint)), err=True, fg=colour)
    return found, refused


def _named(planned: Planned, names: set[str]) -> Iterator[tuple[Document, Route, Any]]:
    """What may name a device or host: each sensor's source, and each sink."""
    for name, sensor in planned.sensors.items():
        if name in names:
            yield sensor.document, ("source",), sensor.document.source
    for pipeline in planned.pipelines.values():
        for index, sink in enumerate(pipeline.document.sinks):
            yield pipeline.document, ("sinks", index), sink


def shared(nodes: list[dict[str, Any]]) -> str:
    """What the pipelines ask for, and what is left of it when equal work is done once; a colon before."""
    if not nodes:
        return ""
    asked = [len(node["pipelines"]) for node in nodes if node["op"] != "source"]
    models = [len(node["pipelines"]) for node in nodes if node["op"] == MODEL]
    text = f": {_count(len(asked), 'node')} ({_count(len(models), 'model run')}) a frame"
    if sum(asked) > len(asked):
        text += f", where {sum(asked)} ({sum(models)}) are asked for"
    return text


def _count(number: int, word: str, several: str = "") -> str:
    return f"{number} {word if number == 1 else several or word + 's'}"


def _rows(given: DocumentSet, planned: Planned) -> Iterator[list[str]]:
    from ..documents import Application
    from ..planner.native import frame_described

    for name, sensor in planned.sensors.items():
        yield ["sensor", name, f"{sensor.document.source.type}: {frame_described(sensor.format)}"]
    for model in planned.models:
        yield ["model", model.reference, model.file.name + on_devices(model.devices)]
    for decision in planned.trunks:
        yield [
            "pieces" if len(decision.models) == 1 else "trunk",
            " + ".join(decision.models),
            f"{'cut' if decision.shared else 'not cut'}: {decision.reason}",
        ]
    for name in planned.applications:
        yield ["application", name, given.applications.get(name, Application(name=name)).told()]
    for pipeline in planned.pipelines.values():
        outputs = ", ".join(f"{output.name} ({output.kind})" for output in pipeline.outputs.values())
        bound = pipeline.document.latency
        within = f", within {float(bound) * 1e3:g} ms" if bound else ""
        yield ["pipeline", pipeline.title, f"{pipeline.sensor} → {outputs}{within}"]
    for scheduler in given.schedulers.values():
        yield ["scheduler", scheduler.name, scheduler.told()]


def on_devices(devices: Sequence[str]) -> str:
    """Where it runs, unless that is the processor alone."""
    from ..documents.device import PROCESSOR

    return "" if tuple(devices) == (PROCESSOR,) else f", on {' or '.join(devices)}"


def _table(rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("", "name", "what", show_lines=False)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)
