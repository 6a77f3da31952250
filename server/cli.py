"""`orderside`: serve, demo, package, check, lookup, secret."""

import argparse
import asyncio
import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__, packaging
from .errors import RequestError, SettingsError
from .settings import load
from .ways import SignedUrl

EXIT_NOTHING = 1
EXIT_SETTINGS = 2
EXIT_SILENT = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    args = _parser().parse_args(argv)
    try:
        status: int = args.run(args)
    except SettingsError as error:
        print(f"orderside: {error}", file=sys.stderr)
        return EXIT_SETTINGS
    except packaging.PackagingError as error:
        print(f"orderside: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="orderside", description="Orders beside the Zendesk ticket.")
    parser.add_argument("--version", action="version", version=f"orderside {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="run the service")
    _config(command)
    command.set_defaults(run=_serve)

    command = commands.add_parser("demo", help="service, embedded stores and a stand-in ticket page on loopback")
    command.add_argument("--port", type=int, default=8000)
    command.set_defaults(run=_demo)

    command = commands.add_parser("package", help="build the zip that an admin uploads, or check one")
    _config(command)
    command.add_argument("--tenant", help="the account that the zip is for")
    command.add_argument("--out", type=Path, help="where to write the zip (TENANT.zip)")
    command.add_argument("--verify", type=Path, metavar="PATH", help="only check this app folder or zip")
    command.set_defaults(run=_package)

    command = commands.add_parser("check", help="ask every store the real questions, and say what it lacks")
    _config(command)
    command.add_argument("--tenant", help="only this account's stores")
    command.add_argument("--store", help="only the stores of this name")
    command.add_argument("--order", metavar="NUMBER", help="an order that must be found, as a customer writes it")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for machines")
    form.add_argument("--quiet", action="store_true", help="one line, for a cron job")
    command.set_defaults(run=_check)

    command = commands.add_parser("lookup", help="the panel's summary in the terminal")
    _config(command)
    command.add_argument("--tenant", required=True)
    command.add_argument("--email")
    command.add_argument("--phone")
    command.add_argument("--order", metavar="NUMBER", help="an order number, as a customer would write it")
    command.add_argument("--name", help="first and last name: goes with the others, or alone lists who has it")
    command.add_argument("--json", action="store_true", help="the Summary of POST /v1/summary")
    command.set_defaults(run=_lookup)

    command = commands.add_parser("secret", help="a new installation secret, and where to paste it")
    command.set_defaults(run=_secret)
    return parser


def _config(command: argparse.ArgumentParser) -> None:
    default = Path(os.environ.get("ORDERSIDE_CONFIG", "orderside.toml"))
    command.add_argument("--config", type=Path, default=default, help=f"the settings file ({default})")


def _serve(args: argparse.Namespace) -> int:
    from . import logs, serve

    logs.to_stderr()
    serve.serve(args.config)
    return 0


def _demo(args: argparse.Namespace) -> int:
    from .demo import world

    return world.run(args.port)


def _package(args: argparse.Namespace) -> int:
    if args.verify is not None:
        findings = packaging.verify(args.verify)
        for finding in findings:
            print(finding)
        broken = any(finding.severity == "error" for finding in findings)
        print(f"{args.verify}: {'not fit to upload' if broken else 'fit to upload'}", file=sys.stderr)
        return int(broken)
    if not args.tenant:
        print("orderside: package needs --tenant, or --verify PATH", file=sys.stderr)
        return EXIT_SETTINGS
    settings = load(args.config, os.environ)
    if args.tenant not in settings.tenants:
        raise SettingsError(f"{args.config}: there is no [[tenant]] {args.tenant}")
    out: Path = args.out or Path(f"{args.tenant}.zip")
    signed = isinstance(settings.tenants[args.tenant].auth, SignedUrl)
    out.write_bytes(packaging.build(settings.service.base_url, signed=signed))
    print(f"{out}: upload it in Admin Center, Apps and integrations, Zendesk Support apps, Upload private app")
    return 0


def _lookup(args: argparse.Namespace) -> int:
    from . import terminal

    settings = load(args.config, os.environ)
    if args.tenant not in settings.tenants:
        raise SettingsError(f"{args.config}: there is no [[tenant]] {args.tenant}")
    requester = {"email": args.email, "phone": args.phone, "name": args.name}
    ticket = {"subject": f"Order {args.order}"} if args.order else {}
    try:
        if args.name and not (args.email or args.phone or args.order):
            summary = asyncio.run(terminal.find(settings, args.tenant, json.dumps({"name": args.name}).encode()))
        else:
            body = json.dumps({"requester": requester, "ticket": ticket}).encode()
            summary = asyncio.run(terminal.ask(settings, args.tenant, body))
    except RequestError as error:
        print(f"orderside: {error.message}", file=sys.stderr)
        return EXIT_SETTINGS
    print(terminal.as_json(summary) if args.json else terminal.as_text(summary))
    if terminal.silent(summary):
        return EXIT_SILENT
    return 0 if summary.orders or summary.customer or summary.match.candidates else EXIT_NOTHING


def _check(args: argparse.Namespace) -> int:
    from . import terminal
    from .check import Checkup, Verdict

    settings = load(args.config, os.environ)
    if args.tenant is not None and args.tenant not in settings.tenants:
        raise SettingsError(f"{args.config}: there is no [[tenant]] {args.tenant}")

    def progress(checkup: Checkup) -> None:
        if not args.quiet:
            print(f"{checkup.tenant} / {checkup.store}: {checkup.verdict}", file=sys.stderr, flush=True)

    asked = terminal.check(settings, tenant=args.tenant, store=args.store, order=args.order, say=progress)
    checkups = asyncio.run(asked)
    if not checkups:
        raise SettingsError(f"{args.config}: no store is called {args.store}")
    if args.quiet:
        print(terminal.checkups_as_line(checkups))
    else:
        print(terminal.checkups_as_json(checkups) if args.json else terminal.checkups_as_text(checkups))
    lost = args.order is not None and not any(checkup.found for checkup in checkups)
    if lost:
        print("orderside: no store that was asked has that order; give its number as customers see it", file=sys.stderr)
    return int(lost or any(checkup.verdict is Verdict.FAULT for checkup in checkups))


def _secret(_args: argparse.Namespace) -> int:
    print(secrets.token_urlsafe(48))
    print(
        "Paste it in two places: into the app's setting “Shared secret” in Zendesk's Admin Center, and where\n"
        "[tenant.auth] secrets in orderside.toml points to (env:NAME or file:PATH). Nobody else needs it.",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
