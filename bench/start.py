"""How long it takes until the service can answer, and how much memory it then holds, by the number of accounts.

`python -m bench.start [--tenants 1 100 5000]`. Each account has three stores on three platforms. Each start is its own
process: from its first import to a house that is ready, and its resident memory then, as Linux counts it.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TENANT = """
[[tenant]]
subdomain = "t{n}"
[tenant.auth]
method = "proxied"
secrets = ["env:KEY"]
[[tenant.store]]
name = "EU"
platform = "woocommerce"
origin = "https://eu.t{n}.example"
key = "env:KEY"
secret = "env:KEY"
country = "DE"
[[tenant.store]]
name = "US"
platform = "shopify"
shop = "t{n}.myshopify.com"
access_token = "env:KEY"
country = "US"
[[tenant.store]]
name = "UK"
platform = "bigcommerce"
store_hash = "hash{n}"
access_token = "env:KEY"
country = "GB"
"""


def settings(folder: Path, tenants: int) -> Path:
    """Settings for so many accounts, a hundred to a file."""
    (folder / "tenants.d").mkdir()
    for first in range(0, tenants, 100):
        text = "".join(TENANT.format(n=n) for n in range(first, min(first + 100, tenants)))
        (folder / "tenants.d" / f"{first}.toml").write_text(text)
    main = folder / "orderside.toml"
    main.write_text('include = ["tenants.d/*.toml"]\n[service]\nbase_url = "https://orders.example.com"\n')
    return main


def start(path: Path) -> None:
    """In a process of its own: starts, and prints seconds of it, seconds of imports in them, of CPU, and megabytes."""
    began = time.perf_counter()
    from server.app import create_app
    from server.settings import load

    imported = time.perf_counter() - began
    app = create_app(load(path, {"KEY": "bench-0123456789abcdef0123456789abcdef"}))
    took, cpu = time.perf_counter() - began, time.process_time()
    assert app.state.house.open
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    print(took, imported, cpu, resident)


def main() -> None:
    """Prints a line for each number of accounts."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--tenants", type=int, nargs="*", default=[1, 100, 5000])
    parser.add_argument("--settings", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.settings:
        start(args.settings)
        return
    for tenants in args.tenants:
        with tempfile.TemporaryDirectory() as folder:
            path = settings(Path(folder), tenants)
            command = [sys.executable, "-m", "bench.start", "--settings", str(path)]
            runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)]  # noqa: S603
        took, imported, cpu, resident = min(tuple(map(float, run.split())) for run in runs)
        of = f"{imported:.2f} s of it imports, {cpu:.2f} s of CPU"
        print(f"{tenants:>5} accounts: {took:.2f} s ({of}), {resident:.0f} MB")


if __name__ == "__main__":
    main()
