"""Host names to addresses, by the system's resolver, which blocks a thread for as long as it likes."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from typing import Any

THREADS = 32
"""Names that are looked up at once."""


class Names:
    """Looks up any one name once at a time, however many ask: a name that hangs costs one thread."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "names")
        self._flights: dict[tuple[str, int], asyncio.Future[list[Any]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[Any]:
        """As `getaddrinfo` has them. Raises `OSError` where there is no such name."""
        if is_address(host):
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        key = host, port
        if key not in self._flights:
            look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            self._flights[key] = asyncio.get_running_loop().run_in_executor(self._threads, look_up)
            self._flights[key].add_done_callback(partial(self._landed, key))
        return await asyncio.shield(self._flights[key])

    def _landed(self, key: tuple[str, int], flight: "asyncio.Future[list[Any]]") -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # seen, even where every waiter has left


def is_address(host: str) -> bool:
    """Whether it is an address as it stands."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
