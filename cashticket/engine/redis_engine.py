"""The engine on Redis or Valkey: every verb that changes an auction is one Lua script, so it is one atomic step.

An accepted bid is decided, ranked, remembered, put into the list for the ledger and published in that one step, or not
at all. The clock is the store's. Nothing is kept in this process but the connection pool.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import redis

from cashticket import redis_keys
from cashticket.auction.outages import Silence
from cashticket.auction.terms import Terms, check_terms
from cashticket.auction.values import Entry, Permission, State
from cashticket.engine import decoding
from cashticket.engine.beats import Beats
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.connection import ask
from cashticket.engine.interface import (
    BACKLOG_MAX,
    Beat,
    Closing,
    OnAccepted,
    Restoration,
)
from cashticket.engine.pauses import OPERATOR
from cashticket.engine.putting_back import PuttingBack
from cashticket.engine.redis_reading import KeyNames, moment_text
from cashticket.engine.redis_withdrawing import RedisWithdrawing
from cashticket.engine.restoring import Restorer
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import STORE_IDENTITY, Argument

DECIDING_VERBS = ("open", "extend", "introduce", "pause", "resume", "give_back", "close", "finish")
LIST_VERBS = ("trim", "discard", "forget")

TRIM_BATCH = 1000
"""Entries one trim script may look at: it holds the store for well under a millisecond."""

CHANGED_STATE: KeyNames = (redis_keys.terms, redis_keys.state, redis_keys.news)
"""The keys of a script that changes how an auction stands."""


class RedisEngine(RedisWithdrawing):
    """The verbs of `Engine` on Redis or Valkey from 7.0. Safe to share between threads and greenlets."""

    def __init__(
        self,
        client: redis.Redis,
        backlog_max: int = BACKLOG_MAX,
        on_accepted: OnAccepted | None = None,
        replicas: int = 0,
    ) -> None:
        """`client` is made by `connect`. Bids are Paused while `backlog_max` of an auction wait for the ledger.
        `on_accepted` is called for every accepted bid. An answer that must not be lost counts once `replicas` replicas
        have it; before that it is an OutcomeUnknown. Raises ValueError for a client that does not answer in text."""
        super().__init__(client, backlog_max, on_accepted, replicas)
        self._replicas = replicas
        self._scripts |= {verb: Script(verb) for verb in DECIDING_VERBS + LIST_VERBS}
        self._restorer, self._putting_back, self._beats = Restorer(client), PuttingBack(client), Beats(client)

    def condition(self) -> StoreCondition:
        with self._beats.noticing():
            return replace(super().condition(), replicas_required=self._replicas)

    def pulse(self) -> Pulse:
        with self._beats.noticing():
            return super().pulse()

    def beat(self) -> Beat:
        return self._beats.beat()

    def open(self, terms: Terms) -> bool:
        """The live index comes first: a crash in between leaves an id there without an auction, which the watch sees,
        and never an auction whose bids nobody records."""
        check_terms(terms)
        ask(self._client, "SADD", redis_keys.LIVE_AUCTIONS, terms.auction_id)
        arguments = (STORE_IDENTITY, terms.closes_at_ms, *decoding.terms_arguments(terms))
        answer, state, *standing = self._run_confirmed("open", terms.auction_id, CHANGED_STATE, arguments)
        if standing and decoding.terms_from(terms.auction_id, standing[0]) != terms:
            raise ValueError(f"auction {terms.auction_id} was published under other terms, which are frozen")
        if State(state).is_end:
            ask(self._client, "SREM", redis_keys.LIVE_AUCTIONS, terms.auction_id)
        return bool(answer == "new")

    def relist(self, auction_id: int) -> bool:
        """One that ends in between is taken off again by whoever shows its end next."""
        if self.read(auction_id).state.is_end:
            return False
        return bool(ask(self._client, "SADD", redis_keys.LIVE_AUCTIONS, auction_id))

    def extend(self, auction_id: int, closes_at_ms: int, soft_close_cap_ms: int | None = None) -> Closing:
        arguments = (closes_at_ms, moment_text(soft_close_cap_ms), STORE_IDENTITY, "")
        return decoding.closing(self._run_confirmed("extend", auction_id, CHANGED_STATE, arguments))

    def introduce(
        self,
        auction_id: int,
        person: int,
        permission: Permission,
        epoch: int,
        revision: int,
        *,
        is_change: bool = False,
    ) -> None:
        run = self._run_confirmed if is_change else self._run
        names = (redis_keys.terms, redis_keys.people)
        run("introduce", auction_id, names, (person, permission.value, epoch, revision))

    def forget_people(self, auction_id: int) -> None:
        ask(self._client, "UNLINK", redis_keys.people(auction_id))

    def note_people_known(self, at_ms: int) -> None:
        ask(self._client, "SET", redis_keys.PEOPLE_KNOWN, at_ms)

    def pause(self, auction_id: int, reason: str, instead_of: str = "", now_ms: int | None = None) -> bool:
        if not reason:
            raise ValueError("bidding is paused only for a reason")
        arguments = (reason, instead_of, STORE_IDENTITY, moment_text(now_ms))
        # The watch pauses again what a promoted replica has forgotten; nobody repeats an operator's pause.
        run = self._run_confirmed if reason == OPERATOR else self._run
        return bool(run("pause", auction_id, CHANGED_STATE, arguments)[0] == "1")

    def resume(
        self,
        auction_id: int,
        reason: str,
        checked_on: str = "",
        known_ms: int | None = None,
        deadline_ms: int | None = None,
        recorded_end_ms: int | None = None,
        now_ms: int | None = None,
    ) -> bool:
        moments = [moment_text(each) for each in (known_ms, deadline_ms, recorded_end_ms, now_ms)]
        arguments = (reason, STORE_IDENTITY, checked_on or STORE_IDENTITY, *moments)
        return bool(self._run_confirmed("resume", auction_id, CHANGED_STATE, arguments)[0] == "1")

    def restore(self, restoration: Restoration) -> None:
        self._restorer.restore(restoration)

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        return self._putting_back.put_back(auction_id, entries, through)

    def give_back(
        self, auction_id: int, silence: Silence, deadline_ms: int | None = None, recorded_end_ms: int | None = None
    ) -> bool:
        limits = (moment_text(deadline_ms), moment_text(recorded_end_ms))
        arguments = (silence.began_ms, silence.ended_ms, STORE_IDENTITY, *limits)
        return bool(self._run_confirmed("give_back", auction_id, CHANGED_STATE, arguments)[0] == "1")

    def close(self, auction_id: int, now_ms: int | None = None, known_ms: int | None = None) -> Closing:
        arguments = (STORE_IDENTITY, moment_text(now_ms), moment_text(known_ms))
        return decoding.closing(self._run_confirmed("close", auction_id, CHANGED_STATE, arguments))

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """Long backlogs are dropped in short steps, so that no bid waits for them."""
        keys = (redis_keys.state(auction_id), redis_keys.bids(auction_id), redis_keys.news(auction_id))
        total, more = 0, 1
        while more:
            dropped, more = self._scripts["trim"](self._client, keys, (through_sequence, TRIM_BATCH))
            total += int(dropped)
        return total

    def discard(self, auction_id: int, raw: str) -> bool:
        return bool(self._scripts["discard"](self._client, (redis_keys.bids(auction_id),), (raw,)))

    def forget(self, auction_id: int) -> bool:
        names = (redis_keys.state, redis_keys.bids, redis_keys.terms, redis_keys.people, redis_keys.standings)
        keys = [name(auction_id) for name in (*names, redis_keys.chances, redis_keys.answers)]
        if not self._scripts["forget"](self._client, keys):
            return False
        ask(self._client, "SREM", redis_keys.LIVE_AUCTIONS, auction_id)
        return True

    def finish(self, auction_id: int, state: State) -> None:
        if not state.is_end:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        self._run("finish", auction_id, CHANGED_STATE, (state.value,))
        ask(self._client, "SREM", redis_keys.LIVE_AUCTIONS, auction_id)

    def _run_confirmed(
        self, verb: str, auction_id: int, names: KeyNames, arguments: Sequence[Argument] = ()
    ) -> Sequence[Any]:
        """Like `_run`. Raises OutcomeUnknown as well when too few replicas have what was written."""
        keys = [name(auction_id) for name in names]
        reply = self._writes.run(self._scripts[verb], keys, arguments)
        return decoding.require_known(auction_id, reply)
