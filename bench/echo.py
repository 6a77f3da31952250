"""The quickest store there is: the same 4 kB of JSON, whatever is asked. `python -m bench.echo PORT`."""

import asyncio
import json
import sys
from typing import cast

BODY = json.dumps([{"id": number, "email": "jane.doerr@example.com"} for number in range(86)]).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: nginx\r\nDate: Thu, 26 Nov 2026 11:00:00 GMT\r\n"
    b"Vary: Accept-Encoding\r\nCache-Control: no-store\r\nX-Request-Id: 4711\r\nX-WP-Total: 86\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Echo(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def main(port: int) -> None:
    """Serves until it is ended."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
