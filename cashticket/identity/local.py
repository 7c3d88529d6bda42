"""A provider that pretends, for development and tests: its page asks who one is and signs the answer.

What is signed is read as one would read what a real provider signs: a changed, foreign or old answer is refused.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadData

from cashticket.identity.provider import LIFETIME, Beginning, Identity, NotIdentified
from cashticket.models.identity_checks import CheckOutcome
from cashticket.signing import serializer

URL = "local:"
PAGE = "/me/profile/identity/local"
_REQUEST, _ANSWER = "local identity request", "local identity answer"


class Local:
    """Takes everybody's word. `keys` are the signing keys, oldest first."""

    is_remote = False

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def begin(self, beginning: Beginning) -> str:
        """The address of the page that asks who one is."""
        request = {"reference": beginning.reference, "back": beginning.back}
        return f"{PAGE}?{urlencode({'request': serializer(self._keys, _REQUEST).dumps(request)})}"

    def requested(self, request: str) -> tuple[str, str]:
        """Reference and way back of a request. Raises NotIdentified when this site did not sign it."""
        content = self._read(_REQUEST, request)
        return str(content["reference"]), str(content["back"])

    def signed(self, reference: str, identity: Identity, now: datetime) -> str:
        """The answer that `identity` was seen at `now` (UTC) in the verification `reference`."""
        born, at = identity.birth_date.isoformat(), int(now.timestamp())
        content = {"reference": reference, "name": identity.name, "born": born, "key": identity.key, "at": at}
        return str(serializer(self._keys, _ANSWER).dumps(content))

    def answer(self, reference: str, returned: str, now: datetime) -> Identity:
        """Whom a signed answer names."""
        if not returned:
            raise NotIdentified(CheckOutcome.NOT_DONE)
        content = self._read(_ANSWER, returned)
        if content["reference"] != reference:
            raise NotIdentified(CheckOutcome.FORGED)
        age = now - datetime.fromtimestamp(content["at"], UTC)
        if abs(age) >= LIFETIME:
            raise NotIdentified(CheckOutcome.ENDED)
        if not content["key"]:
            raise NotIdentified(CheckOutcome.NO_KEY)
        return Identity(content["name"], date.fromisoformat(content["born"]), content["key"])

    def _read(self, purpose: str, text: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = serializer(self._keys, purpose).loads(text)
        except BadData as error:
            raise NotIdentified(CheckOutcome.FORGED) from error
        return content
