"""A camera for tests: an HTTP server that sends parts as a test says, and can die in the middle."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 20.0


class CameraServer:
    """Serves `send(write)` at all paths but /page and /gone; asks for `login` (user:password) if given."""

    def __init__(
        self, send: Callable[[Any], None], boundary: str = "frame", login: str | None = None
    ) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = f"Basic {base64.b64encode((login or '').encode()).decode()}"
                if login and self.headers.get("Authorization") != wanted:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                    self.end_headers()
                    return
                if self.path == "/gone":
                    self.send_error(404)
                    return
                self.send_response(200)
                kind = (
                    "text/html" if self.path == "/page" else f"multipart/x-mixed-replace; boundary={boundary}"
                )
                self.send_header("Content-Type", kind)
                self.end_headers()
                outer.served += 1
                if self.path != "/page":
                    send(self.wfile.write)

            def log_message(self, *rest: Any) -> None: ...

        self.served = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/video"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
