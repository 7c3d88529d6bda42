"""What is learned about a device by pushing to it: that it is gone, that its pushes are refused, or taken."""

from sqlalchemy import delete, update

from cashticket.models import PushSubscription
from cashticket.models.units import in_one_unit

FAILURES_MAX = 20
"""A device whose pushes were refused so often, and never taken meanwhile, is forgotten."""


def gone(device_id: int) -> None:
    """Forget a device: its push service does not know it any more."""
    in_one_unit(lambda session: session.execute(delete(PushSubscription).where(PushSubscription.id == device_id)))


def refused(device_id: int, failures: int) -> None:
    """Note that a push was refused for good; `failures` were refused before."""
    if failures + 1 >= FAILURES_MAX:
        gone(device_id)
    else:
        _set_failures(device_id, failures + 1)


def taken(device_id: int, failures: int) -> None:
    """Note that a push was taken; costs nothing unless some were refused before."""
    if failures:
        _set_failures(device_id, 0)


def _set_failures(device_id: int, failures: int) -> None:
    own = update(PushSubscription).where(PushSubscription.id == device_id)
    in_one_unit(lambda session: session.execute(own.values(failures=failures)))
