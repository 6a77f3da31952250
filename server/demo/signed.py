"""What Zendesk does for an app with signed URLs: a token for the frame, signed with the app's own key.

Claims as they are seen in public verifiers of such tokens; how `qsh` is made is not documented, so it is made up.
"""

from dataclasses import dataclass, field
from functools import cache
from itertools import count

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LIFETIME_S = 60

_COUNT = count()


@dataclass(frozen=True, slots=True)
class SignedApp:
    """One installation of an app with signed URLs, and the key that Zendesk made for that app."""

    subdomain: str
    installation: int
    key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def public_key(self) -> str:
        """As `GET /api/v2/apps/ID/public_key.pem` gives it out."""
        public = self.key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def token(self, agent: int, location: str, now: int) -> str:
        """The token for one frame that this agent opens; `now` is in Unix seconds."""
        api = f"https://{self.subdomain}.zendesk.com/api/v2"
        claims = {
            "iss": f"{self.subdomain}.zendesk.com",
            "aud": f"{api}/apps/installations/{self.installation}.json",
            "sub": f"{api}/users/{agent}",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_S,
            "jti": f"{now}-{agent}-{next(_COUNT)}",
            "qsh": "made up",
            "context": {"product": "support", "location": location},
        }
        return jwt.encode(claims, self.key, algorithm="RS256")


@cache
def app_key() -> rsa.RSAPrivateKey:
    """A key that lives as long as the process: to make one takes a moment."""
    return rsa.generate_private_key(65537, 2048)
