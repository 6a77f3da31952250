"""The stand-in for Zendesk's proxy keeps Zendesk's rules: where a secret may stand, and where it may go."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
import pytest

from server.demo.proxy import NO_CONNECTION, OUT_OF_ORDER, Installation, Reply, forward

SECRET = "an-installation-secret-of-forty-characters"
NOW = 1_795_000_000.0


def installation(scopes: list[str] | None, fault: Reply | None = None) -> Installation:
    """An app whose only secure setting may stand in `scopes`; without any, everywhere."""
    parameter: dict[str, Any] = {"name": "key", "type": "text", "secure": True}
    if scopes is not None:
        parameter["scopes"] = scopes
    manifest = {"domainWhitelist": ["orders.example.com"], "parameters": [parameter, {"name": "colour"}]}
    return Installation(manifest, {"key": SECRET, "colour": "blue"}, fault)


def pass_on(options: Mapping[str, Any], installed: Installation) -> tuple[Reply, list[httpx.Request]]:
    """The proxy's reply, and what reached the target."""
    arrived: list[httpx.Request] = []

    def target(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(200, json={"ok": True})

    async def run() -> Reply:
        async with httpx.AsyncClient(transport=httpx.MockTransport(target)) as client:
            return await forward(options, installed, client, lambda: NOW)

    return asyncio.run(run()), arrived


def secure(**options: Any) -> dict[str, Any]:
    return {"url": "https://orders.example.com/v1/summary", "type": "POST", "secure": True, **options}


@pytest.mark.parametrize(
    ("scopes", "header_filled", "body_filled"),
    [(None, True, True), (["header"], True, False), (["body"], False, True), (["jwt_secret_key"], False, False)],
)
def test_a_secret_stands_only_where_its_scopes_allow(
    scopes: list[str] | None, header_filled: bool, body_filled: bool
) -> None:
    options = secure(headers={"X-Key": "{{setting.key}}"}, data="{{setting.key}}")
    _, [request] = pass_on(options, installation(scopes))
    assert (request.headers["x-key"] == SECRET) is header_filled
    assert (request.content.decode() == SECRET) is body_filled


def test_plain_settings_are_not_filled_in() -> None:
    _, [request] = pass_on(secure(data="{{setting.colour}}"), installation(None))
    assert request.content == b"{{setting.colour}}"


def test_without_secure_nothing_is_filled_in() -> None:
    options = secure(data="{{setting.key}}", headers={"Authorization": "Bearer {{jwt.token}}"}) | {"secure": False}
    _, [request] = pass_on(options, installation(None))
    assert request.content == b"{{setting.key}}"
    assert request.headers["authorization"] == "Bearer {{jwt.token}}"


def test_the_token_is_signed_with_the_setting_and_lives_as_long_as_asked() -> None:
    options = secure(
        headers={"Authorization": "Bearer {{jwt.token}}"},
        jwt={"secret_key": "{{setting.key}}", "expiry": 90, "claims": {"iss": "acme", "n": 1}},
    )
    _, [request] = pass_on(options, installation(["jwt_secret_key"]))
    token = request.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {"iss": "acme", "n": 1, "iat": int(NOW), "exp": int(NOW) + 90}


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (secure(url="https://elsewhere.example.com/"), 403),
        (secure(url="https://orders.example.com.elsewhere.example.com/"), 403),
        (secure(headers={"X_Key": "1"}), 400),
        (secure(jwt={"secret_key": "{{setting.key}}", "algorithm": "RS256"}), 422),
        (secure(jwt={"secret_key": "{{setting.unknown}}"}), 422),
        ({"secure": True}, 400),
    ],
    ids=["other host", "host as a prefix", "underscore", "other algorithm", "unknown setting", "no address"],
)
def test_what_zendesk_refuses_reaches_nobody(options: dict[str, Any], status: int) -> None:
    reply, arrived = pass_on(options, installation(["jwt_secret_key"]))
    assert (reply.status, arrived) == (status, [])
    assert reply.body.startswith("Proxy error: ")
    assert SECRET not in reply.body


@pytest.mark.parametrize("fault", [OUT_OF_ORDER, NO_CONNECTION])
def test_a_proxy_that_is_out_of_order_answers_for_itself(fault: Reply) -> None:
    assert pass_on(secure(), installation(None, fault)) == (fault, [])


def test_a_target_that_is_not_there_is_a_proxy_error() -> None:
    async def run() -> Reply:
        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
            return await forward(secure(), installation(None), client, lambda: NOW)

    reply = asyncio.run(run())
    assert (reply.status, reply.body) == (502, "Proxy error: ConnectError")
