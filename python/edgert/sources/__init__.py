"""Sources: the code that reads sensors. One file a type; each turns a Sensor document's `source` into frames.

The types and their fields (a path may be relative to the document's folder, or `zoo:NAME`):

    video       path, loop, speed                                  a video file, by FFmpeg (PyAV)
    camera      device, width, height, rate, pixel                 a V4L2 camera, /dev/video0
    rtsp        url, transport (tcp | udp), timeout                an RTSP camera
    images      path (a folder or a pattern), rate, loop, speed    pictures, in the order of their names
    audio       path, chunk   , loop, speed                        WAV, FLAC, OGG, MP3, a video's sound
    microphone  device, rate, channels, chunk                   a microphone, by PortAudio (sounddevice)
    table       path, columns, rate, rows, recordings, loop, speed   CSV, sktime's .ts, NumPy's .npz
    synthetic   pattern, path, width, height, rate, pixel, count   generated pictures
    push        format                                             frames that the program brings
    mqtt        broker, topic, payload, format, qos, ...           messages of an MQTT broker
    serial      device, baud, payload, format, time, ...           lines from a serial port
    tcp         host, port, payload, format, time, ...             lines from a TCP connection
    mjpeg       url, timeout, user, password                       a camera that sends JPEG over HTTP
    gstreamer   pipeline, format, timeout, speed, wait, budget   a GStreamer pipeline, in C++
    library     library, format, params                            a source of one's own, in C++

`speed: original` replays a file at its own rate, `speed: max` as fast as the sensor's inbox takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import InvalidError, make
from .base import Format, Source

__all__ = ["TYPES", "Source", "open_source", "probe_format"]

# type -> module of this package and class in it; modules load when a document names them
TYPES: dict[str, tuple[str, str]] = {
    "video": ("video", "VideoFile"),
    "camera": ("camera", "Camera"),
    "rtsp": ("rtsp", "Rtsp"),
    "images": ("images", "Images"),
    "audio": ("audio", "AudioFile"),
    "microphone": ("microphone", "Microphone"),
    "table": ("table", "Table"),
    "synthetic": ("synthetic", "Synthetic"),
    "push": ("push", "Push"),
    "mqtt": ("mqtt", "Mqtt"),
    "serial": ("lines", "Serial"),
    "tcp": ("lines", "Tcp"),
    "mjpeg": ("mjpeg", "Mjpeg"),
    "gstreamer": ("native", "Gstreamer"),
    "library": ("native", "Library"),
}


def open_source(source: Any, base_dir: str | Path = ".") -> Source:
    """The source that a Sensor document's `source` describes: a mapping, or an object with `model_dump()`.

    Nothing is read yet: opening happens in `frames()`, on the thread that will read. Raises InvalidError for
    an unknown type or field.
    """
    fields = _fields(source)
    kind = fields.pop("type", None)
    try:
        module, name = TYPES[kind]
    except KeyError:
        raise make(
            InvalidError, "source", f"unknown type {kind!r}", f"use one of {', '.join(TYPES)}"
        ) from None
    make_source: Callable[..., Source] = getattr(import_module(f".{module}", __name__), name)
    try:
        return make_source(base_dir=Path(base_dir), **fields)
    except TypeError as error:
        raise make(InvalidError, f"source {kind}", str(error), "see `edgert schema`") from error


def probe_format(source: Any, base_dir: str | Path = ".") -> Format:
    """The format of the frames that it will give, as PlanBuilder.sensor() takes it.

    Files are opened and looked at; cameras and microphones are not: theirs is what the document says. Raises
    NotFoundError or InvalidError for a file that is missing, or isn't what its type says.
    """
    return open_source(source, base_dir).probe()


def _fields(source: Any) -> dict[str, Any]:
    raw = source if isinstance(source, Mapping) else source.model_dump()
    return {key: value for key, value in raw.items() if value is not None}
