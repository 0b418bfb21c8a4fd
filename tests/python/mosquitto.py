"""A real MQTT broker for tests: Debian's mosquitto, on a free port, killed and started again at will."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

PATIENCE = 20.0  # s
PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
WHY = "needs Debian's mosquitto: tools/apt-install mosquitto"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Mosquitto:
    """A broker on 127.0.0.1. `lines` are more lines of its configuration."""

    def __init__(self, folder: Path, lines: str = "allow_anonymous true\n", scheme: str = "mqtt") -> None:
        self.port = free_port()
        self._folder, self._lines, self._scheme = folder, lines, scheme
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = self._folder / "mosquitto.conf"
        # As root mosquitto becomes another user, who can't read the folder.
        config.write_text(f"listener {self.port} 127.0.0.1\nuser root\n{self._lines}")
        assert PROGRAM is not None
        log = (self._folder / "mosquitto.log").open("ab")
        self._process = subprocess.Popen([PROGRAM, "-c", str(config)], stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, (self._folder / "mosquitto.log").read_text()
            time.sleep(0.02)
        raise AssertionError("mosquitto did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
