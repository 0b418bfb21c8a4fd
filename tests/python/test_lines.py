"""Lines of CSV and JSON: from a pseudo terminal as from a serial port, and from a TCP connection."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from edgert.errors import NotFoundError, UnavailableError
from edgert.sources import open_source, probe_format
from edgert.sources.lines import LineSplitter
from edgert.sources.rejected import Rejected
from edgert.sources.rows import RowFormat, read_rows

PATIENCE = 20.0
TABLE = {"kind": "table", "columns": ["x", "y"], "rate": 10.0, "max_rows": 1}


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        yield listening


def tcp(server: socket.socket, **fields: Any) -> Any:
    host, port = server.getsockname()
    return open_source({"type": "tcp", "host": host, "port": port, "format": TABLE, **fields})


def test_lines_of_a_connection_become_rows_and_its_end_an_error(server: socket.socket) -> None:
    source = tcp(server)
    frames = source.frames()
    rows = []

    def serve() -> None:
        device, _ = server.accept()
        for part in (b"x,y\r\n1,", b"2\r\n3,4\n\n5,,\nwarm,1\n", b"6,7\n8,9"):
            device.sendall(part)
        device.close()

    serving = threading.Thread(target=serve)
    serving.start()
    with pytest.raises(
        UnavailableError, match=r"tcp 127\.0\.0\.1:\d+: closed the connection; see that the device"
    ):
        for item in frames:
            rows.append(item.array[0].tolist())
    serving.join(PATIENCE)
    source.close()
    assert rows == [[1, 2], [3, 4], [6, 7]]
    assert source.rejected.counts == {"another number of cells": 1, "not a number": 1}


def test_garbage_never_ends_the_sensor(server: socket.socket) -> None:
    source = tcp(server, payload="json", time="t")
    frames = source.frames()
    rng = np.random.default_rng(3)

    def serve() -> None:
        device, _ = server.accept()
        with device:
            for index in range(50):
                device.sendall(rng.bytes(500).replace(b"\n", b"") + b"\n")
                device.sendall(b'{"t": %d, "x": %d, "y": 0}\n' % (100 + index, index))
            device.sendall(b"a" * 200_000 + b"\n" + b'{"t": 50, "x": 50, "y": 0}\n')

    serving = threading.Thread(target=serve)
    serving.start()
    items = [next(frames) for _ in range(51)]
    serving.join(PATIENCE)
    source.close()
    assert [item.array[0, 0] for item in items] == list(range(51))
    assert [item.media_time for item in items[:50]] == list(range(50))
    assert items[50].gap and items[50].media_time == pytest.approx(49.1)
    assert sum(source.rejected.counts.values()) == 51 and source.rejected.counts["line too long"] == 1


def test_a_device_that_falls_silent_is_told_and_one_that_may_can_be_stopped(server: socket.socket) -> None:
    source = tcp(server, timeout=0.5)
    with pytest.raises(UnavailableError, match=r"gave nothing for 0\.5 s"):
        next(source.frames())
    source.close()
    patient = tcp(server)
    reading = threading.Thread(target=lambda: list(patient.frames()))
    reading.start()
    patient.interrupt()
    reading.join(PATIENCE)
    assert not reading.is_alive()
    patient.close()


def test_who_is_not_there_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    source = open_source({"type": "tcp", "host": "127.0.0.1", "port": port, "format": TABLE})
    with pytest.raises(UnavailableError, match=rf"tcp 127\.0\.0\.1:{port}: can't be reached"):
        next(iter(source.frames()))
    pytest.importorskip("serial")
    gone = open_source({"type": "serial", "device": "/dev/ttyNONE9", "format": TABLE})
    with pytest.raises(NotFoundError, match=r"serial /dev/ttyNONE9: is not there"):
        next(iter(gone.frames()))


def test_a_serial_port(tmp_path: Any) -> None:
    pytest.importorskip("serial")
    device, port = os.openpty()
    fields = {
        "type": "serial",
        "device": os.ttyname(port),
        "baud": 9600,
        "format": TABLE,
        "fields": ["n", "y", "x"],
    }
    source: Any = open_source(fields)
    assert probe_format(fields) == TABLE
    frames = source.frames()
    taken: list[Any] = []

    def read() -> None:
        with pytest.raises(UnavailableError, match="can't be read on"):
            for item in frames:
                taken.append(item.array[0].tolist())
                arrived.release()

    arrived = threading.Semaphore(0)
    reading = threading.Thread(target=read)
    reading.start()
    until = time.monotonic() + PATIENCE
    while not source._link.ready and time.monotonic() < until:
        time.sleep(0.01)  # what came before a port is opened is dropped
    os.write(device, b"2\n1,20,10\nnoise \xff\xfe\n2,21,")
    assert arrived.acquire(timeout=PATIENCE)
    os.write(device, b"11\n")
    assert arrived.acquire(timeout=PATIENCE)
    os.close(port)
    os.close(device)  # unplugged
    reading.join(PATIENCE)
    assert not reading.is_alive()
    source.close()
    assert taken == [[10, 20], [11, 21]]
    assert source.rejected.counts == {"another number of cells": 1, "not text": 1}


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    rejected = Rejected("test")
    text = b"one\r\n\ntwo\n" + b"x" * 30 + b"\nthree\n" + b"y" * 11 + b"\nfour"
    splitter = LineSplitter(rejected, longest=10)
    lines = [line for at in range(0, len(text), size) for line in splitter.lines(text[at : at + size])]
    assert lines == [b"one", b"", b"two", b"three"] and rejected.counts == {"line too long": 2}


def test_times_are_numbers_of_a_unit_or_iso_8601() -> None:
    for text, unit, seconds in (
        (b"1500,1,2", "ms", 1.5),
        (b"2.5,1,2", "s", 2.5),
        (b"2000,1,2", "us", 0.002),
        (b"1970-01-01T00:01:00Z,1,2", "s", 60),
        (b"1970-01-01 00:00:01.5+00:00,1,2", "ms", 1.5),
    ):
        (row,) = read_rows(text, RowFormat(["a", "b"], "csv", time="at", time_unit=unit))
        assert row == ([1, 2], pytest.approx(seconds))
