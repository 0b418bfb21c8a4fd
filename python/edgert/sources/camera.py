"""V4L2 cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .base import Format, Picture
from .container import Container

TIMEOUT = 10.0  # s without a frame, and the camera is gone
COMPRESSED = {"mjpeg", "h264"}  # what a camera may be asked for besides raw pixels


class Camera:
    """A camera of this machine. Width, height, rate and pixel are asked of the driver, which may give
    others."""

    def __init__(
        self,
        base_dir: Path,
        device: str = "/dev/video0",
        width: int | None = None,
        height: int | None = None,
        rate: float | None = None,
        pixel: str | None = None,
    ) -> None:
        self._device, self._pixel = device, pixel
        self._width, self._height, self._rate = width, height, rate
        self._open: Container | None = None
        self.realtime = False  # the camera itself sets the rate
        self.copied_bytes = 0

    def probe(self) -> Format:
        """What the document asks for; the camera isn't opened, and may come later."""
        pixel = self._pixel if self._pixel and self._pixel not in COMPRESSED else "yuv420p"
        if self._pixel is None:
            pixel = "yuyv422"
        full = self._pixel == "mjpeg"
        return {
            "kind": "image", "pixel": pixel, "width": self._width or 0, "height": self._height or 0,
            "range": "full" if full else "video", "matrix": "bt601", "siting": "centre" if full else "left",
        }  # fmt: skip

    def frames(self) -> Iterator[Picture]:
        """Its frames, as they come. Raises NotFoundError when the device isn't there."""
        hint = "see `ls /dev/video*`, and that this user may read it (group video)"
        self._open = Container(
            self._device,
            f"camera {self._device}",
            hint,
            format="v4l2",
            options=self._options(),
            timeout=TIMEOUT,
        )
        for picture in self._open.pictures():
            self.copied_bytes = self._open.copied_bytes
            yield picture

    def _options(self) -> dict[str, str]:
        options = {}
        if self._width and self._height:
            options["video_size"] = f"{self._width}x{self._height}"
        if self._rate:
            options["framerate"] = str(self._rate)
        if self._pixel:
            options["input_format"] = self._pixel
        return options

    def close(self) -> None:
        """Gives the device back."""
        if self._open is not None:
            self._open.close()
            self._open = None
