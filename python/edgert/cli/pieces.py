"""What is said of models that begin alike and run whole all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..planner import Planned


def tell_uncut(planned: Planned) -> None:
    """Says on standard error which models can't share what they may have in common, and why. That it
    isn't worth it is nothing to act upon; `edgert explain` says it."""
    for decision in planned.trunks:
        if decision.failed:
            text = f"{' + '.join(decision.models)}: run whole; {decision.reason}"
            click.secho(text, err=True, fg="yellow")
