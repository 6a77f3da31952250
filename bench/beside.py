"""A server in a process of its own, so that its CPU is not ours."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator


@contextlib.contextmanager
def beside(module: str, *args: object) -> Iterator[int]:
    """Runs `python -m module PORT args...` until the block ends; the port, once it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", module, str(port), *map(str, args)]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own module
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server did not start")
