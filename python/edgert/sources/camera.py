"""V4L2 cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .base import Format, Picture
from .container import Container, Tap

TIMEOUT = 10.0  # s without a frame, and the camera is gone
COMPRESSED = {"mjpeg", "h264"}  # what a camera may be asked for besides raw pixels
# Drivers grant at most 32 buffers (VIDEO_MAX_FRAME of linux/videodev2.h); FFmpeg's v4l2 input hands raw ones
# out as they are, and copies by itself when an eighth is left.
RAW_BUDGET = 24


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
        self.frame_budget = None if pixel in COMPRESSED else RAW_BUDGET
        self.realtime = False  # the camera itself sets the rate
        self.copied_bytes = self.decode_skipped = 0
        self._wanted: float | None = None
        self.tap: Tap | None = None

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
        self._open.monotonic = True  # V4L2 stamps frames by the kernel's monotonic clock
        self._open.want(self._wanted)
        self._open.tap = self.tap
        for picture in self._open.pictures():
            self.copied_bytes, self.decode_skipped = self._open.copied_bytes, self._open.decode_skipped
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

    def want(self, rate: float) -> None:
        """Nobody needs more than `rate` frames a second."""
        self._wanted = rate

    def close(self) -> None:
        """Gives the device back."""
        if self._open is not None:
            self._open.close()
            self._open = None
