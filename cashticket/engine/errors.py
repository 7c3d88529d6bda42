"""What an engine raises: whether anything may have changed, and what a door answers."""


class StoreUnavailable(Exception):
    """The live store cannot take the call now; nothing was changed. Doors answer 503 with Retry-After."""

    message_is_safe = True


class Paused(StoreUnavailable):
    """The auction takes no bids now; nothing was changed. `reason` is the argument of `pause`, or BACKLOG_FULL.
    Requests that were accepted before still get their answer."""

    def __init__(self, auction_id: int, reason: str) -> None:
        super().__init__(f"bidding in auction {auction_id} is paused: {reason}")
        self.reason = reason


class OutcomeUnknown(Exception):
    """The call was sent and no answer came: it may have happened. Doors answer 504; the same request is sent again."""

    message_is_safe = True


class UnknownAuction(Exception):
    """The engine was never given this auction, or has lost it."""

    message_is_safe = True
