"""The reasons for which an auction takes no bids although bidding is not over."""

BACKLOG_FULL = "backlog"
"""As many accepted bids wait for the ledger as may wait. It ends by itself once the drain has recorded some."""

RESTORING = "restoring"
"""The auction is about to be replaced by what the ledger has."""

RESTARTED, UNSOUND, DISK_FULL, NOT_WRITING = "restarted", "unsound", "disk", "not_writing"
"""Pauses that the watch ends: another process of the store answers than the one on which the auction was published or
last found sound (every bid notices this itself); the check found a fault; a disk is nearly full; the store cannot write
its log."""

REPLICA_AWAY = "replica"
"""Fewer replicas keep up with the live store than must have an accepted bid (STORE_REPLICAS). The watch sets and ends
it."""

MEMORY, NO_REPLICAS, NOT_PRIMARY = "memory", "no_replicas", "not_primary"
"""More pauses that the watch ends: the store's memory is nearly full; it has fewer replicas than it takes writes with
(min-replicas-to-write); it is a replica. A store that refuses every write refuses the pause too; the reason is named
all the same."""

WITNESS = "witness"
"""Set by the watch, ended by an operator alone: another process of the store answers, and nobody witnessed the one on
which the auction took its last bids. So answered bids may be missing that nobody knows of."""

AWAY = "away"
"""No pause, but what stands with time that is given back: the store took no orders and nobody could pause."""

CLOCK = "clock"
"""The store's clock went another way than that of the watch. The watch ends it once the two agree again."""

OPERATOR, OVERDUE = "operator", "overdue"
"""Pauses that only an operator ends: their own, and that of an auction whose lost time is more than its end may move by
itself."""
