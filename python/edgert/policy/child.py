"""A policy's own process, as worker.py starts it.

It waits for a byte on the line, reads a record from the inbox, calls the policy, puts the table into the
outbox, and sends a byte back.
"""

from __future__ import annotations

import json
import os
import socket
import traceback
from typing import Any

from ..classes import ClassError
from ..guarding import guard
from .base import Policy
from .gauges import Gauges
from .mailbox import Mailbox, TooLong
from .record import Mismatch, Reader
from .reference import make
from .table import Refused, plain

MOST_TEXT = 600  # characters of an exception


def main(line: int, inbox: int, outbox: int, parent: int) -> None:
    """Serves until the other side goes. Descriptors of the line and the mailboxes, and the parent's id."""
    guard(parent)
    bell = socket.socket(fileno=line)
    given, taken = Mailbox(fd=inbox), Mailbox(fd=outbox)
    greeting = json.loads(given.read() or b"{}")
    try:
        policy = make(greeting["reference"], greeting["params"])
    except ClassError as error:
        _say(taken, bell, {"unusable": str(error)})
        return
    except BaseException as error:  # whatever a module does when it is imported
        _say(taken, bell, {"unusable": _said(error)})
        return
    _say(taken, bell, {"ready": True})
    reader, gauges = Reader(greeting["outline"]), Gauges()
    while bell.recv(1):
        record = given.read()
        if record is not None:
            gauges.look()
            _say(taken, bell, _answer(policy, reader, record, gauges))


def _answer(policy: Policy, reader: Reader, record: bytes, gauges: Gauges) -> dict[str, Any]:
    try:
        now = reader.read(record, gauges.temperatures, gauges.powers)
        return {"table": plain(policy.decide(now))}
    except (Refused, Mismatch) as refused:
        return {"refused": str(refused)}
    except Exception as error:
        return {"raised": _said(error)}


def _say(taken: Mailbox, bell: socket.socket, said: dict[str, Any]) -> None:
    try:
        taken.write(json.dumps(said).encode())
    except TooLong as error:
        taken.write(json.dumps({"refused": f"the table is too long: {error}"}).encode())
    bell.send(b"\1")


def _said(error: BaseException) -> str:
    """Type, text, and the place in the policy's code: not in this package, nor in code without a file, such
    as that of the importer and of dataclasses. An error of syntax says its place itself."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if os.path.dirname(frame.filename) != os.path.dirname(__file__) and not frame.filename.startswith("<")
    ]
    known = own and not isinstance(error, SyntaxError)
    place = f" at {own[-1].filename}:{own[-1].lineno}" if known else ""
    words = " ".join(str(error).split())  # in one line
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return text[:MOST_TEXT] + place
