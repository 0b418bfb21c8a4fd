"""`edgert split`: what model files have in common, and the pieces as files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..writing import writing

if TYPE_CHECKING:
    from ..trunks import Decision, Group, PieceFile

SEEDS = 4


@click.command()
@click.argument("models", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the pieces as models into this folder.",
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="That one run may use."
)
@click.option("--pieces", help="Cut one model into so many pieces, or into ones of so long at most: 4, 5ms.")
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
@click.pass_context
def split(
    context: click.Context,
    models: tuple[str, ...],
    output: Path | None,
    threads: int,
    pieces: str | None,
    as_json: bool,
) -> None:
    """Show what MODELS (files, or zoo:NAME) have in common from their inputs on.

    The first input of each is taken to be fed with the same data, the second one of each, and so on. What
    they have in common is cut out, both ways are run on random inputs, compared and measured. Documents need
    none of this: models that are fed alike are found when they are planned (docs/feature-sharing.md).

    With --pieces, cut one model into pieces that run one after another (docs/pieces.md).
    """
    from ..trunks import decide

    if pieces is not None:
        found = [_sliced(models, threads, pieces)]
    elif len(models) < 2:
        raise click.UsageError("name two models or more, or one with --pieces")
    else:
        group = _group(models, threads)
        found = decide(group)
        if not found and not as_json:
            click.echo(_nothing(models, group))
    if as_json:
        click.echo(json.dumps([decision.data() for decision in found], indent=2, ensure_ascii=False))
    for decision in found:
        if not as_json:
            _tell(decision)
        if output is not None:
            _write(decision, output)


def _sliced(models: Sequence[str], threads: int, said: str) -> Decision:
    from ..documents import Duration
    from ..trunks.slicing import MOST, Slices, slice_model

    if len(models) != 1:
        raise click.UsageError("--pieces cuts one model: name one")
    if said.isdecimal() and 2 <= int(said) <= MOST:
        return slice_model(_group(models, threads), Slices(count=int(said)))
    try:
        longest = float(Duration(said))
    except ValueError as error:
        raise click.BadParameter(f"write a number from 2 to {MOST}, or a time as 5ms: {error}") from None
    if longest <= 0:
        raise click.BadParameter("a piece takes more than no time: write 5ms")
    return slice_model(_group(models, threads), Slices(longest=longest))


def _group(models: Sequence[str], threads: int) -> Group:
    from ..errors import InvalidError, make
    from ..loading import load
    from ..trunks import Group, Member

    opened = {name: load(name, threads=threads) for name in dict.fromkeys(models)}
    files = {name: Path(model.file) for name, model in opened.items()}
    if len({file.suffix for file in files.values()}) > 1:
        hint = "name models of one format"
        raise make(InvalidError, " and ".join(models), "are files of several formats", hint)
    leaves: dict[str, Any] = {}
    members = []
    for name, model in opened.items():
        own = {}
        for place, tensor in enumerate(model.inputs):
            key = str(place)
            if key in leaves and _form(leaves[key]) != _form(tensor):
                key = f"{name}:{place}"  # fed otherwise
            leaves.setdefault(key, tensor)
            own[tensor["name"]] = key
        members.append(Member(name, files[name], own))
    return Group(tuple(members), lambda: [_feed(leaves, seed) for seed in range(SEEDS)], threads=threads)


def _nothing(models: Sequence[str], group: Group) -> str:
    """Why there is nothing to cut."""
    if len(group.members) < 2:
        return f"{models[0]} is named twice: one model, which is loaded and run once for all who want it"
    if len({member.file.read_bytes() for member in group.members}) < len(group.members):
        return "they are the same model by content: it is loaded and run once, and nothing needs cutting"
    return "they have nothing in common"


def _form(tensor: Mapping[str, Any]) -> tuple[Any, ...]:
    """What must be equal in inputs that are fed with the same: all but the number of items."""
    return tensor["dtype"], len(tensor["shape"]), tuple(tensor["shape"][1:])


def _feed(leaves: Mapping[str, Any], seed: int) -> dict[str, Any]:
    from ..profile.data import Inputs

    return {
        key: next(iter(Inputs([{**tensor, "name": key}], None, seed).of(1).values()))
        for key, tensor in leaves.items()
    }


def _tell(decision: Decision) -> None:
    names = " + ".join(decision.models)
    how = "cut" if decision.in_series else "worth cutting" if decision.shared else "left whole"
    click.echo(f"{names}: {how}; {decision.reason}")
    if decision.pieces:
        alike = (
            "bit for bit" if not decision.differ else f"but for {decision.differ:.1g} of the greatest value"
        )
        click.echo(f"  outputs equal {alike}")
    for piece in decision.pieces:
        count = f"{piece.operators} operator{'s' * (piece.operators != 1)}"
        gives = ", ".join(piece.outputs.values())
        click.echo(f"  {piece.title}: {count}, {piece.us / 1000:.3g} ms; gives {gives}")


def _write(decision: Decision, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for piece in decision.pieces:
        file = folder / _named(piece)
        with writing(file):
            shutil.copyfile(piece.file, file)
        click.echo(f"{file}: written", err=True)


def _named(piece: PieceFile) -> str:
    words = piece.title.replace("zoo:", "").replace(" and ", " ").replace(",", "").split()
    stems = [Path(word).stem if word.endswith(piece.file.suffix) else word for word in words]
    return "-".join(word for word in stems if word != "of") + piece.file.suffix
