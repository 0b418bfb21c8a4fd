"""The command `edgert`. Each subcommand lives in a module of its own, which loads when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from ..writing import FULL, is_full

REFUSED, FAILED = 1, 3
# said by `edgert --help` and in docs/command-line.md
EXIT_CODES = {
    0: "all well; also after Ctrl-C or SIGTERM, when nothing failed",
    1: "refused before anything ran: a document, a file, a model, an output's place; or interrupted before. "
    "Of simulate: also when the documents don't fit",
    2: "wrong usage of the command",
    3: "failed while running: a sensor or a model (the rest went on), or an output; a full disk, whichever "
    "the command. Of check: a device or host that a document names isn't there",
}
BEGIN = "Begin with `edgert demo`. For a model of your own: `edgert inspect MODEL`, then `edgert run FOLDER`."

# command -> module of this package, the command in it, and what it does in a line
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": (
        "demo",
        "demo",
        "Run thirteen models of three applications on five sensors, and see what was shared.",
    ),
    "run": ("run", "run", "Run documents."),
    "check": ("check", "check", "Check documents without running them."),
    "explain": (
        "explain",
        "explain",
        "Show the way from each sensor to each model, its cost and who shares it.",
    ),
    "compile": ("compile", "compile_", "Write documents as a plan file for the C++ runtime."),
    "split": ("split", "split", "Show what models have in common, and write it and the rests as models."),
    "inspect": ("inspect", "inspect", "Show a model's inputs and outputs, and write a first document."),
    "profile": ("profile", "profile", "Measure what models take on this box, and write a Profile document."),
    "calibrate": ("calibrate", "calibrate", "Find how much a scene may change before a step runs again."),
    "tune": ("tune", "tune", "Find lanes, threads and batches that get the most out of this box."),
    "simulate": ("simulate", "simulate", "Compute whether documents fit a box, from its Profile."),
    "schema": ("schema", "schema", "Write JSON Schemas, so that an editor completes documents."),
    "doctor": ("doctor", "doctor", "Say what of this machine edgert can use, and why not the rest."),
    "zoo": ("zoo", "zoo", "Fetch models and recordings."),
}


class Commands(click.Group):
    """The group: loads a command's module when it is called, and says errors in one line each."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        command: click.Command = getattr(import_module(f".{module}", __name__), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, _, about) in COMMANDS.items()])

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), about) for code, about in EXIT_CODES.items()])
        super().format_epilog(context, formatter)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except OSError as error:
            if error.errno not in FULL:
                self._explain(context, error)
            if error.filename is None:
                # What is printed can't be; nor what Python still holds of it, at its end.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            where, hint = error.filename or "standard output", "make room, or write to another place"
            click.echo(f"{where}: {error.strerror}; {hint}", err=True)
            context.exit(FAILED)
        except Exception as error:
            self._explain(context, error)

    def _explain(self, context: click.Context, error: Exception) -> NoReturn:
        from ..errors import Error

        lines = explained(error)
        if lines is None:
            raise error
        for line in lines:
            click.echo(line, err=True)
        context.exit(FAILED if isinstance(error, Error) and is_full(error) else REFUSED)


def explained(error: Exception) -> list[str] | None:
    """The lines to print for an error that a user can do something about; None for any other."""
    from ..documents import DocumentErrors
    from ..errors import Error
    from ..zoo import ZooError

    if isinstance(error, DocumentErrors):
        return [str(problem) for problem in error.problems]
    if isinstance(error, (Error, ZooError)):
        return [str(error)]
    if isinstance(error, FileExistsError) and error.filename:
        return [f"{error.filename}: is there already, and is no folder; choose another place"]
    if isinstance(error, OSError) and error.filename:
        return [f"{error.filename}: {error.strerror}; choose another place, or change its rights"]
    return None


@click.command(cls=Commands, epilog=BEGIN)
@click.version_option(package_name="edgert")
def main() -> None:
    """Runs many models of many applications on one box with cameras, microphones and other sensors.

    DOCUMENTS are YAML files that say which sensors and models there are, and what each application wants.
    """
