"""What the queue store tells at a scrape of workers, watch, queues and mails, and what this process tells of itself."""

import math

from cashticket.blueprints.operator.figures import Figure, Part, Values
from cashticket.models.reading_copy import configured
from cashticket.wiring import current_witnesses, hasty_queue_redis, socket_capacity
from cashticket.witness.conditions import together
from cashticket.work import heartbeats, mail_server, push_outcomes, settlement_outcomes
from cashticket.work.queue_figures import queue_figures
from cashticket.work.watch.report import last_report


def _queue_store() -> Values:
    # First what gives up soon, so that a store that hangs holds up no scrape.
    client = hasty_queue_redis()
    signs, queues = heartbeats.signs(client), queue_figures(client)
    settlements, settlement_seconds = settlement_outcomes.counts(client)
    ages = {kind: math.nan if each.age_seconds is None else each.age_seconds for kind, each in signs.items()}
    return {
        "processes_alive": {kind: each.alive for kind, each in signs.items()},
        "heartbeat_age_seconds": ages,
        "queue_waiting": {name: each.waiting for name, each in queues.items()},
        "queue_waited_seconds": {name: each.waited_seconds for name, each in queues.items()},
        "queue_failed": {name: each.failed for name, each in queues.items()},
        "settlement_outcomes": settlements,
        "settlement_seconds": settlement_seconds,
        "outbox_outcomes": mail_server.counts(),
        "push_outcomes": push_outcomes.counts(),
        "mail_server_up": not mail_server.trouble(),
    }


QUEUE_STORE = Part(
    (
        Figure("processes_alive", "Watches, and workers by their queue, that gave a sign of life just now.", "kind"),
        Figure("heartbeat_age_seconds", "How long ago the last of them did; NaN if none did for a day.", "kind"),
        Figure("queue_waiting", "Jobs that wait, by queue.", "queue"),
        Figure("queue_waited_seconds", "How long the job has waited that is next, by queue.", "queue"),
        Figure("queue_failed", "Jobs that failed within the last ten minutes; at most 50 are counted.", "queue"),
        Figure("settlement_outcomes", "Tries to settle an auction since the queue store was new.", "outcome"),
        Figure("settlement_seconds", "Seconds that those took that settled one, all together."),
        Figure(
            "outbox_outcomes",
            "Messages sent, deferred, failed and dropped since the queue store was new.",
            "outcome",
        ),
        Figure(
            "push_outcomes",
            "Pushes sent, deferred, failed, dropped and whose device was gone since the queue store was new.",
            "outcome",
        ),
        Figure("mail_server_up", "0 while the mail server refuses everybody, else 1."),
    ),
    _queue_store,
    up=Figure("queue_store_up", "1 when the queue store answered this scrape."),
)


def _watch() -> Values:
    report = last_report(hasty_queue_redis())
    if report is None:
        return {}
    return {
        "watch_round_seconds": report.round_seconds,
        "disk_free_bytes": {path: space.free for path, space in report.disks.items()},
        "disk_needed_bytes": {path: space.needed for path, space in report.disks.items()},
        "database_durable": not report.database_risks,
    }


WATCH = Part(
    (
        Figure("watch_round_seconds", "How long the longest of the last rounds of the watch took."),
        Figure("disk_free_bytes", "Bytes that are free on the disk of a folder of DISK_PATHS.", "path"),
        Figure("disk_needed_bytes", "Below so many free bytes bidding pauses.", "path"),
        Figure("database_durable", "1 when a power cut can lose nothing that the database committed."),
    ),
    _watch,
)


def _reading_copy() -> Values:
    copy = configured()
    if copy is None:
        return {}
    copy.start()
    lag = copy.lag_seconds
    return {"reading_copy_used": copy.is_fresh()} | ({} if lag is None else {"reading_copy_lag_seconds": lag})


READING_COPY = Part(
    (
        Figure(
            "reading_copy_used", "1 while pages of this process read the copy of the database, 0 while they do not."
        ),
        Figure("reading_copy_lag_seconds", "How old the newest beat of the watch is that this process found there."),
    ),
    _reading_copy,
)


def _this_process() -> Values:
    witness = together(each.condition() for each in current_witnesses().values())
    return {
        "witness_written_seconds_ago": witness.written_seconds_ago,
        "witness_unwritten": witness.unwritten,
        "sockets_max": socket_capacity().limits.process,
    }


THIS_PROCESS = Part(
    (
        Figure(
            "witness_written_seconds_ago",
            "How long ago this process wrote down the bids that it accepted or heard of; each second when all is well.",
        ),
        Figure("witness_unwritten", "Accepted bids that this process could not write down yet."),
        Figure("sockets_max", "WebSockets that this process serves at most."),
    ),
    _this_process,
)
