"""Planted bugs in moving bids into the ledger, in rebuilding, and in notices of displacements."""

from tests.storm.planted.bugs import SCHEMA, Edit, PlantedBug

BID_ROWS = "cashticket/ledger/bid_rows.py"
RECORDING = "cashticket/ledger/recording.py"
FENCING = "cashticket/ledger/fence.py"
NOTICES = "cashticket/ledger/displacements.py"
TRIM = "cashticket/engine/lua/trim.lua"

RECORD_AND_TRIM = "return source.trim(auction_id, _commit_entries(auction_id, readable))"
BY_COUNT = 'source._client.lpop("{auction:%d}:bids" % auction_id, len(readable)) or ()'
FENCE = "move_fence(session, auction_id, recorded, last, ends_at_ms=max(entry.ends_at_ms for entry in run))"
KEYS_OF_BIDS = (
    'sa.UniqueConstraint("auction_id", "person_id", "nth", name=op.f("uq_bids_auction_id_person_id_nth")),',
    '"auction_id", "person_id", "request_id", name=op.f("uq_bids_auction_id_person_id_request_id")',
    'sa.UniqueConstraint("auction_id", "sequence", name=op.f("uq_bids_auction_id_sequence")),',
)

ROW = 'return {"auction_id": auction_id} | {column: getattr(entry, name) for name, column in COLUMNS.items()}'

LEDGER = (
    PlantedBug(
        name="trims_before_commit",
        breaks="the list is trimmed before the record is committed",
        invariant="I1",
        edits=(
            Edit(
                RECORDING,
                RECORD_AND_TRIM,
                "return (source.trim(auction_id, readable[-1].sequence), _commit_entries(auction_id, readable))[0]",
            ),
        ),
    ),
    PlantedBug(
        name="trims_by_count",
        breaks="as many entries are trimmed as were read, whichever they are",
        invariant="I1",
        edits=(
            Edit(RECORDING, RECORD_AND_TRIM, f"return (_commit_entries(auction_id, readable), len({BY_COUNT}))[1]"),
        ),
    ),
    PlantedBug(
        name="trims_everything",
        breaks="entries are trimmed that nobody has recorded",
        invariant="I1",
        edits=(Edit(TRIM, "if not sequence or sequence > through then break end", "if not sequence then break end"),),
    ),
    PlantedBug(
        name="fence_by_itself",
        breaks="the mark is moved in a transaction of its own, before the rows",
        invariant="I1",
        edits=(Edit(RECORDING, FENCE, f"in_one_unit(lambda alone: {FENCE.replace('(session', '(alone')})"),),
    ),
    PlantedBug(
        name="no_fence",
        breaks="two drains record the same bids, and no key of the table stops them",
        invariant="I1",
        edits=(
            Edit(
                FENCING,
                ".where(Auction.id == auction_id, Auction.recorded_sequence == old)",
                ".where(Auction.id == auction_id)",
            ),
            Edit(SCHEMA, KEYS_OF_BIDS[0], ""),
            Edit(SCHEMA, KEYS_OF_BIDS[1], KEYS_OF_BIDS[1].replace('"request_id"', '"request_id", "id"')),
            Edit(SCHEMA, KEYS_OF_BIDS[2], ""),
        ),
    ),
    PlantedBug(
        name="drops_what_is_refused",
        breaks="a bid that the ledger refuses is skipped silently",
        invariant="I1",
        edits=(
            Edit(
                RECORDING,
                "set_aside(session, auction_id, text_of(entry), reason, entry.sequence)",
                '_ = ("skipped", reason)',
            ),
        ),
    ),
    PlantedBug(
        name="forgets_the_rank",
        breaks="the ledger keeps another rank than was told",
        invariant="I6",
        edits=(Edit(BID_ROWS, ROW, f'{ROW} | {{"rank": entry.nth}}'),),
    ),
    PlantedBug(
        name="tells_the_bidder",
        breaks="the notice of a displacement goes to who did it",
        invariant="I13",
        edits=(Edit(NOTICES, '"person_id": entry.displaced,', '"person_id": entry.person,'),),
    ),
    PlantedBug(
        name="tells_once_an_auction",
        breaks="who is pushed out a second time is not told",
        invariant="I13",
        edits=(Edit(NOTICES, '"occasion": entry.sequence,', '"occasion": 0,'),),
    ),
    PlantedBug(
        name="tells_twice",
        breaks="a displacement is stored twice, and no key of the table stops it",
        invariant="I13",
        edits=(
            Edit(
                NOTICES,
                "session.execute(insert(Notification), rows)",
                "session.execute(insert(Notification), rows * 2)",
            ),
            Edit(SCHEMA, '"occasion",', '"occasion", "id",'),
        ),
    ),
    PlantedBug(
        name="reuses_numbers",
        breaks="numbers that were given up are given again after a rebuild",
        invariant="I14",
        edits=(
            Edit(
                "cashticket/work/restoration.py",
                "sequence=row.recorded_sequence,",
                "sequence=sum(1 for _ in _entries(row, silent)),",
            ),
        ),
    ),
    PlantedBug(
        name="rebuilds_without_memory",
        breaks="requests are forgotten by a rebuild",
        invariant="I4",
        edits=(
            Edit(
                "cashticket/engine/lua/restore_bids.lua",
                "redis.call('HSET', ANSWERS, person .. ':' .. request_id, answer)",
                "",
            ),
        ),
    ),
    PlantedBug(
        name="rebuilds_without_chances",
        breaks="chances are given back by a rebuild",
        invariant="I3",
        edits=(Edit("cashticket/engine/lua/restore_bids.lua", "redis.call('HSET', CHANCES_USED, person, nth)", ""),),
    ),
)
