"""Every Redis key and channel, on one page.

All keys of one auction share the hash tag {auction:ID}, so one script may touch them together on any cluster.
Keys of the engine are in the live store (`REDIS_URL`); the others in the queue store (`QUEUE_REDIS_URL`).
"1 day after end": a day after settlement or voiding all keys of the auction leave (`work/ending_keys.py`).

| key | type | owner | holds | lifetime |
|---|---|---|---|---|
| auctions:live | set | engine | ids published and not finished | while there are such |
| people:known-at | string | watch | ms: the auctions know all changes of people up to this moment | for ever |
| {auction:ID}:terms | hash | engine | the announced terms | 1 day after end |
| {auction:ID}:state | hash | engine | counters, version, end, last_ms, state, pause, check, outage | 1 day after end |
| {auction:ID}:people | hash | engine | person → permission:epoch:revision | 1 day after end |
| {auction:ID}:standings | sorted set | engine | person → score (amount and sequence) | 1 day after end |
| {auction:ID}:chances | hash | engine | person → accepted bids so far | 1 day after end |
| {auction:ID}:answers | hash | engine | person:request_id → remembered answer | 1 day after end |
| {auction:ID}:bids | list | engine → ledger | accepted bids on their way to the ledger | until recorded |
| {auction:ID}:news | channel | engine → live | a short message for every change | – |
| hearing:LISTENER | channel | live → live | on a cluster: words by which one listener proves that it hears all | – |
| live-store:beats | hash | engine | when it last took orders (ms), the last times in which it took none | for ever |
| live-store:confirmed | string | engine | nothing; written before replicas are waited for | for ever |
| {auction:ID}:confirmed | string | engine | the same on a cluster | 60 s |
| {N}:live-store:beats | hash | engine | the same of one shard of a cluster | for ever |
| {N}:people:known-at | string | watch | the same of one shard of a cluster | for ever |
| {auction:ID}:settling | string | jobs | set when a settlement was queued | 5 s |
| {auction:ID}:handing-over | string | jobs | set when a hand-over was queued | 5 s |
| {auction:ID}:telling | string | jobs | set when telling its bidders was queued | 5 s |
| {auction:ID}:refusal | string | jobs | why its last settlement did not take place, as JSON | a day |
| people:news | channel | models → live | whom a committed unit told something or signed out: ids, new epochs | – |
| {person:ID}:present | set | live → jobs | the processes in which this person has a live page | 20 s, renewed |
| outbox:deliverer | string | jobs | set while a deliverer sends mail | 20 s, renewed |
| outbox:pause | string | jobs | set when the mail server refused everybody: the code | 60 s |
| outbox:trouble | string | jobs | the code with which the mail server refuses everybody | 10 min |
| outbox:counts | hash | jobs | outcome → how many messages were sent, deferred, failed, dropped | for ever |
| sms:trouble | string | jobs | set when a gateway did not take an SMS | 30 s |
| identities:trouble | string | jobs | set when a provider gave no answer | 30 s |
| push:deliverer | string | jobs | set while a deliverer sends pushes | 30 s, renewed |
| push:counts | hash | jobs | outcome → how many pushes ended so | for ever |
| heartbeats:KIND | sorted set | watch, workers → doors | process → when its main loop went on (ms) | 1 day, renewed |
| watch:report | string | watch → doors | how long its rounds take, space on its disks, as JSON | 60 s, renewed |
| settlement:counts | hash | jobs | outcome → how many tries to settle an auction ended so | for ever |
| forgetting:lease | string | jobs | set when removing the keys of ended auctions was queued | 10 min |
| rank-outs:lease | string | jobs | set when displacements were sorted into mailed and not mailed | 5 s |
| reminding:lease | string | jobs | set when reminding people was queued | 5 s |
| ends:lease | string | watch | set when the ends in live store and ledger were compared | 60 s |
| {auction:ID}:rebuilding | string | cli | set while this auction is rebuilt | 30 s |
| live-store:seen | string | watch | the identity of the live store process that the watch saw last | for ever |
| live-store:seen:STORE | string | watch | the same of a live store that LIVE_STORES names | for ever |
| live-store:orders | hash | watch | auction → when it was last seen to take orders (ms) | until its keys leave |
| drain:lease | string | jobs | which drain stays; the others end when there is nothing to do for them | 3 s, renewed |
| drain:lease:STORE | string | jobs | the same of a live store that LIVE_STORES names | 3 s, renewed |
| {auction:ID}:drain | string | jobs | which drain records this auction now | 3 s, renewed; 5 s after trouble |
| witnesses | set | witness | the processes that have records of accepted bids here | while there are such |
| {witness:PROCESS}:alive | string | witness | the mark of the process, while it writes | 10 s, renewed each second |
| {witness:PROCESS}:record | hash | witness | its last beat, what it has heard, numbers by auction | 30 days, renewed |
| {witness:PROCESS}:bids | hash | witness | a second's accepted bids, until all are recorded | 30 days, renewed |
| {limits}:opened | string | doors | how many windows of limits were opened in this hour | an hour |
| {limits}:LIMIT:KEY | string | doors | tries of one account, person, address or browser | its window, up to a day |
| {pages}: | strings | doors | concert pages: texts and makers; one generation | a minute; the generation for ever |
"""

LIVE_AUCTIONS = "auctions:live"
PEOPLE_KNOWN = "people:known-at"
NEWS_PATTERN = "{auction:*}:news"
PEOPLE_NEWS = "people:news"
CONFIRMED = "live-store:confirmed"
BEATS = "live-store:beats"
ORDERS_TAKEN = "live-store:orders"
DELIVERER_ALIVE = "outbox:deliverer"
MAIL_PAUSE = "outbox:pause"
MAIL_TROUBLE = "outbox:trouble"
MAIL_COUNTS = "outbox:counts"
SMS_TROUBLE = "sms:trouble"
IDENTITY_TROUBLE = "identities:trouble"
PUSHER_ALIVE = "push:deliverer"
PUSH_COUNTS = "push:counts"
SETTLEMENT_COUNTS = "settlement:counts"
WATCH_REPORT = "watch:report"
RANK_OUTS_LEASE = "rank-outs:lease"
REMINDING_LEASE = "reminding:lease"
FORGETTING_LEASE = "forgetting:lease"
COMPARING_ENDS = "ends:lease"
PAGES = "{pages}:"
WITNESSES = "witnesses"
WINDOWS_OPENED = "{limits}:opened"


def of_shard(key: str, tag: str) -> str:
    """A key that each shard of a cluster has for itself; `tag` is a text whose slot the shard has."""
    return f"{{{tag}}}:{key}"


def confirmed_beside(key: str) -> str:
    """CONFIRMED of a cluster, in the slot of a key with a hash tag."""
    return f"{key.partition('}')[0]}}}:confirmed"


def terms(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:terms"


def state(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:state"


def people(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:people"


def standings(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:standings"


def chances(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:chances"


def answers(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:answers"


def bids(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:bids"


def news(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:news"


def auction_of_news(channel: str) -> int:
    """The auction whose news channel this is. ValueError for any other channel."""
    head, _, tail = channel.partition("}")
    if not head.startswith("{auction:") or tail != ":news":
        raise ValueError(f"not a news channel: {channel!r}")
    return int(head.removeprefix("{auction:"))


def hearing(listener: str) -> str:
    return f"hearing:{listener}"


def settling(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:settling"


def drain_lease(store: str) -> str:
    """Of the live store of this name; the first one's has none."""
    return "drain:lease" if store == "first" else f"drain:lease:{store}"


def draining(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:drain"


def handing_over(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:handing-over"


def telling(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:telling"


def refusal(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:refusal"


def heartbeats(kind: str) -> str:
    return f"heartbeats:{kind}"


def live_store_seen(store: str) -> str:
    """Of the live store of this name; the first one's has none."""
    return "live-store:seen" if store == "first" else f"live-store:seen:{store}"


def open_pages(person_id: int) -> str:
    return f"{{person:{person_id}}}:present"


def witness_alive(process: str) -> str:
    return f"{{witness:{process}}}:alive"


def witness_record(process: str) -> str:
    return f"{{witness:{process}}}:record"


def witness_bids(process: str) -> str:
    return f"{{witness:{process}}}:bids"


def rebuilding(auction_id: int) -> str:
    return f"{{auction:{auction_id}}}:rebuilding"


def tries(limit: str, key: str) -> str:
    """The window of one limit and one key. All share a slot, because one script counts in several."""
    return f"{{limits}}:{limit}:{key}"
