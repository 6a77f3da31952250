"""A client of the service that signs as Zendesk's proxy does."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

Json = dict[str, Any]


class Service:
    """A running service, and the secrets of its accounts."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.client = httpx.Client(trust_env=False, timeout=30)

    def token(self, tenant: str, seconds: int = 60) -> str:
        """Good for so long."""
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
