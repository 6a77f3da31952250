"""A client of the service that signs as Zendesk's proxy does."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from server.demo.ticket_page import INSTALLATION_IDS

Json = dict[str, Any]


START = f"/demo/start/{INSTALLATION_IDS['fir', 'right']}"
"""Where the demo's Zendesk signs a start."""


def bearer_in(page: str) -> str:
    """The bearer that the served page holds."""
    found = re.search(r'<meta name="bearer" content="([^"]+)">', page)
    assert found, page
    return found[1]


class Service:
    """A running service, and the secrets of its accounts."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.client = httpx.Client(trust_env=False, timeout=30)

    def token(self, tenant: str, seconds: int = 60) -> str:
        """Good for so long; of an account with signed URLs the bearer of a page that was just opened."""
        if tenant == "fir":
            start = self.client.post(f"{self.url}{START}").text
            return bearer_in(self.client.post(f"{self.url}/sidebar", data={"token": start}).text)
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": tenant, "aud": self.url, "iat": now, "exp": now + seconds}
        return jwt.encode(claims, (self.folder / "secrets" / tenant).read_text(), algorithm="HS256")

    def post(self, tenant: str, path: str, body: Json) -> httpx.Response:
        """One answer, complete unless the body says otherwise."""
        headers = {"authorization": f"Bearer {self.token(tenant)}", "content-type": "application/json"}
        content = json.dumps({"wait_ms": 4000, **body})
        return self.client.post(f"{self.url}/v1/{path}", content=content, headers=headers)

    def ask(self, tenant: str, path: str, body: Json) -> Json:
        """What a good answer says."""
        response = self.post(tenant, path, body)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found
