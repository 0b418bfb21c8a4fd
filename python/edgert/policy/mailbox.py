"""One direction of the shared memory between the runtime and a policy's process.

A memfd of a fixed size (sealed, so that neither side can shrink it under the other) with two slots. A message
is written into the slot that the last one isn't in, then its head, then the number of the newest message. A
reader copies the newest one and compares its checksum: one that was overwritten meanwhile, or written by a
process that died half-way, is no message. Nobody waits for anybody.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import zlib

F_ADD_SEALS = 1033  # linux/fcntl.h
F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW = 1, 2, 4

TOP = struct.Struct("<8sQ")  # magic, number of the newest message
HEAD = struct.Struct("<QII")  # number, length, CRC-32
MAGIC = b"EDGERTP1"
SLOTS = 64  # offset of the first one
TRIES = 3
NICE = 19
"""Of a policy's process: a lane that wants its core gives up a seventieth of it."""


class TooLong(ValueError):
    """The message doesn't fit."""


class Mailbox:
    """Messages in shared memory. One process writes, another reads."""

    def __init__(self, room: int = 0, fd: int | None = None) -> None:
        """A new one with room for messages of `room` bytes, or the one behind a descriptor, which it owns."""
        if fd is None:
            fd = os.memfd_create("edgert-policy", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
            slot = -(-(HEAD.size + room) // 64) * 64
            os.ftruncate(fd, SLOTS + 2 * slot)
            fcntl.fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
        self.fd = fd
        self._map = mmap.mmap(fd, 0)
        self._slot = (len(self._map) - SLOTS) // 2
        self._number = 0

    @property
    def room(self) -> int:
        """Bytes that a message may have."""
        return self._slot - HEAD.size

    def write(self, message: bytes) -> None:
        """Raises TooLong."""
        if len(message) > self.room:
            raise TooLong(f"{len(message)} bytes, and there is room for {self.room}")
        self._number += 1
        at = SLOTS + (self._number % 2) * self._slot
        self._map[at + HEAD.size : at + HEAD.size + len(message)] = message
        HEAD.pack_into(self._map, at, self._number, len(message), zlib.crc32(message))
        TOP.pack_into(self._map, 0, MAGIC, self._number)

    def read(self) -> bytes | None:
        """The newest message, if it wasn't read before and is whole."""
        for _ in range(TRIES):
            magic, number = TOP.unpack_from(self._map, 0)
            if magic != MAGIC or number == self._number:
                return None
            at = SLOTS + (number % 2) * self._slot
            written, length, checksum = HEAD.unpack_from(self._map, at)
            if written == number and length <= self.room:
                message = bytes(self._map[at + HEAD.size : at + HEAD.size + length])
                if zlib.crc32(message) == checksum:
                    self._number = number
                    return message
        return None

    def close(self) -> None:
        """Gives memory and descriptor back."""
        self._map.close()
        os.close(self.fd)
