"""The wording of notices about a seat that its holder has no more: cancelled, declined or revoked. They stay true."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from cashticket.auction.values import NoticeKind
from cashticket.blueprints.wording.formats import moment, won


def given_up(kind: NoticeKind, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of the notice that its holder gave a seat up: CANCELLED after buying it, DECLINED before."""
    values = {"seat": facts.get("seat"), "when": moment(datetime.fromisoformat(facts["ended_at"]))}
    if kind is NoticeKind.DECLINED:
        text = _("You declined seat %(seat)s on %(when)s. This cannot be undone.", **values)
        return str(_("You declined the seat")), str(text)
    text = _(
        "You cancelled seat %(seat)s at %(price)s on %(when)s, free of charge. This cannot be undone.",
        price=won(facts.get("price", 0)),
        **values,
    )
    return str(_("You cancelled your purchase")), str(text)


def revoked(facts: Mapping[str, Any]) -> str:
    """The text of the notice that an operator revoked a seat."""
    texts = [_("Seat %(seat)s is no longer yours.", seat=facts.get("seat"))]
    if facts.get("why") == "bought":
        texts.append(_("The %(price)s that you paid are given back in full.", price=won(facts.get("price", 0))))
    # At the end, because an operator may have written it without a full stop.
    texts.append(_("Reason: %(reason)s", reason=facts.get("reason")))
    return " ".join(texts)
