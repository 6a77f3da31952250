"""What API2Cart's return codes mean. A failure mostly comes with HTTP 200 and one of these."""

from collections.abc import Mapping
from typing import NoReturn

from ..errors import Changed, Limited, Refused, Unreachable
from .api2cart_rows import Envelope
from .base import Refusal, Response, raise_for_status, retry_after
from .payload import read

OK, NO_METHOD, NOT_FOUND = 0, 3, 112

# https://api2cart.com/docs/response-status-codes. What stands nowhere here means that we asked what cannot be asked:
# 3, 8, 107 (the store's own error, which API2Cart does not advise to try again), 109, 111, 113, 114.
REFUSED = {
    2: "api_key",
    4: "store_key",
    5: "api_key",
    6: "api_key",
    100: "the store's connection in API2Cart",
    101: "store_key",
}
"""Return code -> what to look at."""
LIMITED: Mapping[int, Refusal] = {7: "store", 10: "subscription", 110: "store"}
"""Return code -> who has too many calls."""
UNREACHABLE = {1, 9, 102, 103, 104, 105, 106, 115, 116}


def refusal(response: Response) -> Refusal | None:
    """Who has too many calls, as far as the return code says so."""
    try:
        body = response.json()
    except Changed:
        return None
    code = body.get("return_code") if isinstance(body, dict) else None
    return LIMITED.get(code) if isinstance(code, int) else None


def opened(response: Response) -> Envelope:
    """The envelope of a success, or of what there is none of; raises the `StoreError` that its return code means."""
    try:
        envelope = read(Envelope, response.json())
    except Changed:
        raise_for_status(response)
        raise
    if envelope.return_code not in {OK, NOT_FOUND}:
        _raise_for_code(envelope.return_code, response)
    if envelope.return_code == OK:
        raise_for_status(response)
    return envelope


def _raise_for_code(code: int, response: Response) -> NoReturn:
    """The message beside the code is the store's own and may hold personal data: it is not repeated."""
    if code in REFUSED:
        raise Refused("credentials", code=code, look_at=REFUSED[code])
    if code in LIMITED:
        raise Limited(retry_after=retry_after(response))
    if code in UNREACHABLE:
        raise Unreachable("down", retry_after=retry_after(response))
    raise Changed("status", code=code)
