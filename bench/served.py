"""The service as `orderside serve` runs it, and beside it on the same server what Starlette takes for an answer at all.

`python -m bench.served PORT STORES_PORT`. `/bare` answers two words, `/same` a document as large as a summary, both as
JSON and with no more than Starlette's own routing; everything else is the service.
"""

import asyncio
import json
import sys

import httpx
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn import Server

from bench.lookup import BODY, settings
from bench.stores import bearer
from server.app import create_app
from server.serve import config, settle


async def main(port: int, stores: int) -> None:
    """Serves until it is ended."""
    app = create_app(settings(stores, 5, 10))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://served") as client:
        headers = {"authorization": bearer(), "content-type": "application/json"}
        document = (await client.post("/v1/summary", content=BODY, headers=headers)).json()

    async def bare(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def same(request: Request) -> JSONResponse:
        json.loads(await request.body())
        return JSONResponse(document)

    beside = Starlette(routes=[Route("/bare", bare, methods=["POST"]), Route("/same", same, methods=["POST"])])

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await (beside if scope.get("path") in {"/bare", "/same"} else app)(scope, receive, send)

    settle()
    await Server(config(both, f"127.0.0.1:{port}")).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), int(sys.argv[2])))
