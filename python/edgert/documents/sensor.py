"""Sensor: what produces frames, and how its inbox admits them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Columns, Document, Part, readable
from .care import Frames, Reconnect, Reconnecting
from .formats import MOST_CHANNELS, FrameFormat, Pixel, Speed
from .native import GstreamerSource, LibrarySource
from .network import MjpegSource, MqttSource, SerialSource, TcpSource
from .units import Duration, Rate, Time

Path = Annotated[str, Field(min_length=1)]
Missing = Literal["error", "hold", "zero", "nan"]


LARGEST = 8192  # pixels of a drawn picture's side
LONGEST = 10.0  # s of a chunk of sound


def _chunk(value: Duration) -> Duration:
    if value > LONGEST:
        raise PydanticCustomError("unit", "a chunk of sound is at most 10 s; windows may be longer")
    return value


def _whole(value: float) -> float:
    if value != int(value):
        raise PydanticCustomError("unit", "sound has a whole number of Hz; write one")
    return value


Chunk = Annotated[Time, AfterValidator(_chunk)]
Hertz = Annotated[Rate, AfterValidator(_whole)]


class Replayed(Part):
    """What a recording is read by."""

    loop: bool = False
    """Start again at its end."""
    speed: Speed = "original"
    """At the pace of the recording, or as fast as it can be read."""


class VideoSource(Replayed):
    """A video file."""

    type: Literal["video"] = "video"
    path: Path
    """zoo:NAME, or a file; a relative one starts at this document's folder."""


class CameraSource(Part):
    """A V4L2 camera."""

    type: Literal["camera"] = "camera"
    device: Path = "/dev/video0"
    width: int | None = Field(default=None, ge=1)
    """Pixels asked of the camera; left out, its own choice."""
    height: int | None = Field(default=None, ge=1)
    rate: Rate | None = None
    """Frames a second asked of the camera."""
    pixel: Pixel | Literal["mjpeg"] | None = None

    @model_validator(mode="after")
    def _both_sides(self) -> CameraSource:
        if (self.width is None) != (self.height is None):
            raise PydanticCustomError("pair", "a camera is asked for width and height together; say both")
        return self


class RtspSource(Part):
    """A network camera."""

    type: Literal["rtsp"] = "rtsp"
    url: Annotated[str, Field(pattern=r"^rtsps?://[^/]"), AfterValidator(readable)]
    transport: Literal["tcp", "udp"] = "tcp"
    timeout: Time = Duration(10)
    """How long to wait for the camera."""


class ImagesSource(Replayed):
    """Pictures of a folder, in the order of their names."""

    type: Literal["images"] = "images"
    path: Path
    """A folder, a pattern as photos/*.png, one picture, or zoo:NAME."""
    rate: Rate = 10.0
    """Pictures a second."""


class AudioSource(Replayed):
    """A sound file."""

    type: Literal["audio"] = "audio"
    path: Path
    """zoo:NAME, or a file."""
    chunk: Chunk = Duration(0.1)
    """How much sound is one frame."""


class MicrophoneSource(Part):
    """A microphone."""

    type: Literal["microphone"] = "microphone"
    device: Path | None = None
    """A device by (a part of) its name; left out, the system's own choice."""
    rate: Hertz = 16000.0
    channels: int = Field(default=1, ge=1, le=MOST_CHANNELS)
    chunk: Chunk = Duration(0.1)


class TableSource(Replayed):
    """Rows of numbers: CSV, a .ts file of the UCR/UEA archive, or NumPy's .npz and .npy."""

    type: Literal["table"] = "table"
    path: Path
    """zoo:NAME, or a file."""
    columns: Columns | None = None
    """Which columns of a file that names them; or names for those of a file that doesn't."""
    rate: Rate
    """Rows a second."""
    rows: int = Field(default=1, ge=1)
    """Rows that are one frame."""
    missing: Missing = "error"
    """What becomes of an empty cell, NaN or an infinity: refused with its line and column; hold (the number
    above it in its column, 0 before the first), zero, or nan (models get it as it is)."""
    recordings: list[Annotated[int, Field(ge=0)]] | None = Field(default=None, min_length=1)
    """Which recordings of a file that has several, counted from 0, in this order; left out, all."""


class SyntheticSource(Part):
    """Generated pictures; the same in each run."""

    type: Literal["synthetic"] = "synthetic"
    pattern: str = "moving"
    """What is drawn; `edgert check` names the patterns when it doesn't know one."""
    path: Path | None = None
    """The picture that a pattern moves over: zoo:NAME, or a file."""
    width: int = Field(default=640, ge=2, le=LARGEST)
    height: int = Field(default=480, ge=2, le=LARGEST)
    rate: Rate = 30.0
    pixel: Pixel = "yuv420p"
    count: int | None = Field(default=None, ge=1)
    """How many; left out, without end."""
    speed: Speed = "original"

    @model_validator(mode="after")
    def _path_of_a_pan(self) -> SyntheticSource:
        if self.path is not None and self.pattern != "pan":
            text = "path: only the pattern pan moves over a picture; say pattern: pan, or leave path out"
            raise PydanticCustomError("pan", text)
        return self


class PushSource(Part):
    """Frames that a program pushes, in Python or C++."""

    type: Literal["push"] = "push"
    format: FrameFormat
    missing: Missing = "error"
    """What becomes of NaN and infinities in pushed sounds and rows: the push is refused; hold (the number
    before it, 0 before the first), zero, or nan (models get it as it is). C++ pushes aren't looked at."""


Source = Annotated[
    VideoSource
    | CameraSource
    | RtspSource
    | ImagesSource
    | AudioSource
    | MicrophoneSource
    | TableSource
    | SyntheticSource
    | PushSource
    | MqttSource
    | SerialSource
    | TcpSource
    | MjpegSource
    | GstreamerSource
    | LibrarySource,
    Field(discriminator="type"),
]


class Inbox(Part):
    """What happens to a frame that comes while earlier ones are still waiting."""

    policy: Literal["latest", "queue", "block"] | None = None
    """latest keeps the newest, queue drops when full, block makes the source wait. Left out: block for
    what is read as fast as it can be, latest for pictures, queue for sounds and tables."""
    size: int | None = Field(default=None, ge=1, le=1024)
    """Frames that may wait; left out, 4 pictures, or 64 chunks of sounds or rows."""
    in_flight: int = Field(default=4, ge=1, le=64)
    """Frames that may be worked on at once."""


class Sensor(Document):
    """What produces frames."""

    KIND: ClassVar[str] = "Sensor"

    kind: Literal["Sensor"] = "Sensor"
    source: Source
    inbox: Inbox = Field(default_factory=Inbox)
    reconnect: Reconnecting = Field(default_factory=Reconnect)
    """Whether and how it is opened again when it is lost."""
    stall_after: Time | None = None
    """Without a frame for so long it counts as stalled, and is opened again where it may be. Left out: 10 s
    for live pictures and sound, else never."""
    open_within: Time | None = None
    """The same for the first frame. Left out: 30 s for live pictures and sound, else never."""
    frames: Frames = Field(default_factory=Frames)
    cache: bool = False
    """Results are kept for later frames with the same content: for requests that are pushed."""
