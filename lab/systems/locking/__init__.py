"""The opponent of the comparison: an auction on one database, where each bid is decided under a row lock.

It is tuned as by somebody who wants it to win. Import `LockingEngine` and `create_tables` from `engine`.

**The same auction.** `LockingEngine` has the verbs of the product's `Engine`, gives the same answers and passes the
same contract tests, on tables of its own. What differs is how a bid is decided: in a transaction that holds the row of
its auction, with the accepted bid in the record when it is answered. Five things have no meaning here and are left out,
each with its reason (`tests/fixtures/locking.py`): restoring, putting back, unreadable entries, another process of the
store, replicas of it. `peek`, `trim` and `backlog` treat `recorded` as a mark on rows that stay where they are.

**Two forms.** `procedure=False` decides in Python by the law's own functions (`judging`), in two packets: lock and
look, write and commit. `procedure=True` is the strongest form: one stored procedure, one packet, and no
network while the lock is held.

**What makes it fast**, and where the reason stands:

- counts and the cut-off are kept, never computed from the order (`schema`, `judging.accepted`);
- a bid after a refused one is looked at before it takes the lock, so a row of refusals holds up nobody (`bidding`);
- statements that need no answer in between share a packet, answers have one column (`statements`);
- READ COMMITTED, so no gap is locked and each read after the lock is of this moment (`connections`);
- the lock is let go before the flush, so one flush may serve several bids; this is InnoDB's own doing, as long as there
  is no binary log;
- pages ask for the version first, and read boards in one consistent view without locks (`reading`).

**What it costs**, statements, flushes, processor time and lock wait for each bid, is measured by `cost`.
"""
