"""Where the audit trail goes: a file that rotates, or stdout; written by a thread, so that no agent waits for a disk.

What cannot be written is kept and tried again, so that a full disk costs no line for as long as `MOST_HELD` of them
fit; what does not is lost, counted and said.
"""

import errno
import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from logging.handlers import QueueHandler, RotatingFileHandler
from pathlib import Path

from .audit import log as events
from .errors import SettingsError
from .logs import JsonLines

log = logging.getLogger("orderside")

MOST_HELD = 10_000
"""Events that wait for a disk: some megabytes."""
RETRY_S = 1.0
END_S = 5.0
"""How long the end of the process waits for what is still to be written."""


class Trail(QueueHandler):
    """Takes events without waiting, and writes them to `out` in their order. `lost` is told how many were not."""

    def __init__(self, out: logging.Handler, lost: Callable[[int], object]) -> None:
        self._held: queue.SimpleQueue[logging.LogRecord | None] = queue.SimpleQueue()
        super().__init__(self._held)
        self.setFormatter(JsonLines())
        self._out = out
        self._lost = lost
        self._missing = 0
        self._failing = False
        self._ending = threading.Event()
        self._writer = threading.Thread(target=self._write, name="audit", daemon=True)
        self._writer.start()

    @property
    def waiting(self) -> int:
        """Events that are not written yet."""
        return self._held.qsize()

    def enqueue(self, record: logging.LogRecord) -> None:
        """Keeps an event until it is written; never waits."""
        if self.waiting < MOST_HELD:
            self._held.put(record)
        else:
            self._lose(1)

    def close(self) -> None:
        """Writes what is left, as far as that can be done now."""
        if not self._ending.is_set():
            self._held.put(None)
            self._ending.set()
            self._writer.join(END_S)
            self._out.close()
        super().close()

    def _write(self) -> None:
        while (record := self._held.get()) is not None:
            while not self._written(record):
                if self._ending.is_set():
                    self._lose(self.waiting)  # the one at hand, and without the mark of the end
                    log.error("audit trail: ended, %d events are lost", self._missing)
                    return
                self._ending.wait(RETRY_S)

    def _written(self, record: logging.LogRecord) -> bool:
        try:
            self._out.emit(record)
        except OSError as error:
            if not self._failing:
                log.error("audit trail: cannot be written, events wait: %s", error.strerror)  # noqa: TRY400
            self._failing = True
            return False
        if self._failing:
            log.warning("audit trail: written again, %d events are lost", self._missing)
            self._failing, self._missing = False, 0
        return True

    def _lose(self, count: int) -> None:
        if not self._missing:
            log.error("audit trail: no more events can wait, they are being lost")
        self._missing += count
        self._lost(count)


class _File(RotatingFileHandler):
    """Lines stand in the file whole or not at all. Follows its name where somebody else moved the file away."""

    stream: FileIO | None  # type: ignore[assignment]  # unbuffered, so that what failed is not written later

    def emit(self, record: logging.LogRecord) -> None:
        """Raises `OSError` where the line cannot be written."""
        if self.stream and not self._is_there(self.stream):
            self.close()
        if self.shouldRollover(record):
            self.doRollover()
        self.stream = self.stream or self._open()
        _put(self.stream, self.format(record))

    def _open(self) -> FileIO:  # type: ignore[override]  # as above
        return open(self.baseFilename, "ab", buffering=0, opener=_private)

    def _is_there(self, stream: FileIO) -> bool:
        try:
            return os.path.samestat(os.stat(self.baseFilename), os.fstat(stream.fileno()))
        except FileNotFoundError:
            return False


class _Stdout(logging.Handler):
    """Lines on stdout, which holds nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self._stream = open(1, "ab", buffering=0, closefd=False)  # noqa: SIM115 - open as long as the process

    def emit(self, record: logging.LogRecord) -> None:
        """Raises `OSError` where the line cannot be written."""
        _put(self._stream, self.format(record))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)


def _put(stream: FileIO, text: str) -> None:
    line = f"{text}\n".encode()
    written = stream.write(line)
    if written < len(line):  # the disk was full in the middle of it
        with suppress(OSError):
            os.truncate(stream.fileno(), os.fstat(stream.fileno()).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _out(audit: str, folder: Path, megabytes: int, files: int) -> logging.Handler:
    if audit == "stdout":
        return _Stdout()
    path = folder / audit.removeprefix("file:")
    try:
        return _File(path, maxBytes=megabytes * 1_000_000 * bool(files), backupCount=files)
    except OSError as error:
        raise SettingsError(f"[service]: audit: {path} cannot be written: {error.strerror}") from None


@contextmanager
def kept(
    audit: str | None, folder: Path, *, megabytes: int, files: int, lost: Callable[[int], object]
) -> Iterator[Trail | None]:
    """While this is open, audit events go where `audit` says: `stdout`, or `file:PATH` (relative to `folder`).

    A file that reaches `megabytes` is put aside, and so many `files` of them are kept; with none it only grows.
    Without `audit` they go into the log. Raises `SettingsError` where the file cannot be opened.
    """
    if audit is None:
        yield None
        return
    trail = Trail(_out(audit, folder, megabytes, files), lost)
    events.addHandler(trail)
    events.propagate = False
    try:
        yield trail
    finally:
        events.removeHandler(trail)
        events.propagate = True
        trail.close()
