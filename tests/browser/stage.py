"""What the browser tests stand on: a real loopback server, and the script that apps load as Zendesk's SDK."""

import contextlib
import json
import re
import socket
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from server.demo.world import listener


class _Server(uvicorn.Server):
    """A server that says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts as ever, and then says so."""
        await super().startup(sockets)
        self.up.set()


def free_socket() -> tuple[socket.socket, int]:
    """A bound loopback socket and its port, so that the app can be told its address before it is served."""
    bound = listener(0)
    return bound, bound.getsockname()[1]


@contextlib.contextmanager
def serving(app: ASGIApp, bound: socket.socket) -> Iterator[None]:
    """Serves the app, its lifespan included, on a thread of its own until the block ends."""
    server = _Server(uvicorn.Config(app, log_level="warning", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        assert server.up.wait(timeout=20), "the server did not start"
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def bundled_sdk(package: Path) -> str:
    """Zendesk's SDK as one script, from the npm package's tarball, whose CommonJS modules no browser loads."""
    with tarfile.open(package) as archive:
        modules = {
            member.name.removeprefix("package/lib/"): _text(archive, member)
            for member in archive.getmembers()
            if re.fullmatch(r"package/lib/.*\.js", member.name)
        }
    functions = ",\n".join(
        f"{json.dumps(name)}: function (module, exports, require) {{\n{text}\n}}" for name, text in modules.items()
    )
    return f"""(function () {{
  var modules = {{ {functions} }};
  var loaded = {{}};
  function load(name) {{
    var file = name.replace("./", "") + ".js";
    if (!loaded[file]) {{
      loaded[file] = {{ exports: {{}} }};
      modules[file](loaded[file], loaded[file].exports, load);
    }}
    return loaded[file].exports;
  }}
  window.ZAFClient = load("./index");
}})();"""


def script_of(package: Path, name: str) -> str:
    """One script of an npm package's tarball."""
    with tarfile.open(package) as archive:
        return _text(archive, archive.getmember(f"package/{name}"))


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    assert file is not None
    return file.read().decode()
