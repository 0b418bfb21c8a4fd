"""V4L2 cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .base import Format, Picture
from .container import Container
from .live_video import LiveVideo

TIMEOUT = 10.0  # s without a frame, and the camera is gone
COMPRESSED = {"mjpeg", "h264"}  # what a camera may be asked for besides raw pixels
# Drivers grant at most 32 buffers (VIDEO_MAX_FRAME of linux/videodev2.h); FFmpeg's v4l2 input hands raw ones
# out as they are, and copies by itself when an eighth is left.
RAW_BUDGET = 24


class Camera(LiveVideo):
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
        super().__init__()
        self._device, self._pixel = device, pixel
        self._width, self._height, self._rate = width, height, rate
        self.frame_budget = None if pixel in COMPRESSED else RAW_BUDGET

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
        opened = Container(
            self._device,
            f"camera {self._device}",
            hint,
            format="v4l2",
            options=self._options(),
            timeout=TIMEOUT,
        )
        opened.monotonic = True  # V4L2 stamps frames by the kernel's monotonic clock
        yield from self._pictures(opened)

    def _options(self) -> dict[str, str]:
        options = {}
        if self._width and self._height:
            options["video_size"] = f"{self._width}x{self._height}"
        if self._rate:
            options["framerate"] = str(self._rate)
        if self._pixel:
            options["input_format"] = self._pixel
        return options
