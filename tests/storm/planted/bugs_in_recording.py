"""Bugs on the way into the ledger and back from it, and in telling who was pushed out."""

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
        *("trims_before_commit", "the list is trimmed before the record is committed", "I1"),
        (
            Edit(
                RECORDING,
                RECORD_AND_TRIM,
                "return (source.trim(auction_id, readable[-1].sequence), _commit_entries(auction_id, readable))[0]",
            ),
        ),
    ),
    PlantedBug(
        *("trims_by_count", "as many entries are trimmed as were read, whichever they are", "I1"),
        (Edit(RECORDING, RECORD_AND_TRIM, f"return (_commit_entries(auction_id, readable), len({BY_COUNT}))[1]"),),
    ),
    PlantedBug(
        *("trims_everything", "entries are trimmed that nobody has recorded", "I1"),
        (Edit(TRIM, "if not sequence or sequence > through then break end", "if not sequence then break end"),),
    ),
    PlantedBug(
        *("fence_by_itself", "the mark is moved in a transaction of its own, before the rows", "I1"),
        (Edit(RECORDING, FENCE, f"in_one_unit(lambda alone: {FENCE.replace('(session', '(alone')})"),),
    ),
    PlantedBug(
        *("no_fence", "two drains record the same bids, and no key of the table stops them", "I1"),
        (
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
        *("drops_what_is_refused", "a bid that the ledger refuses is skipped silently", "I1"),
        (
            Edit(
                RECORDING,
                "set_aside(session, auction_id, text_of(entry), reason, entry.sequence)",
                '_ = ("skipped", reason)',
            ),
        ),
    ),
    PlantedBug(
        *("forgets_the_rank", "the ledger keeps another rank than was told", "I6"),
        (Edit(BID_ROWS, ROW, f'{ROW} | {{"rank": entry.nth}}'),),
    ),
    PlantedBug(
        *("tells_the_bidder", "the notice of a displacement goes to who did it", "I13"),
        (Edit(NOTICES, '"person_id": entry.displaced,', '"person_id": entry.person,'),),
    ),
    PlantedBug(
        *("tells_once_an_auction", "who is pushed out a second time is not told", "I13"),
        (Edit(NOTICES, '"occasion": entry.sequence,', '"occasion": 0,'),),
    ),
    PlantedBug(
        *("tells_twice", "a displacement is stored twice, and no key of the table stops it", "I13"),
        (
            Edit(
                NOTICES,
                "session.execute(insert(Notification), rows)",
                "session.execute(insert(Notification), rows * 2)",
            ),
            Edit(SCHEMA, '"occasion",', '"occasion", "id",'),
        ),
    ),
    PlantedBug(
        *("reuses_numbers", "numbers that were given up are given again after a rebuild", "I14"),
        (Edit("cashticket/work/restoration.py", "sequence=row.recorded_sequence,", "sequence=len(bids),"),),
    ),
    PlantedBug(
        *("rebuilds_without_memory", "requests are forgotten by a rebuild", "I4"),
        (
            Edit(
                "cashticket/engine/lua/restore_bids.lua",
                "redis.call('HSET', ANSWERS, person .. ':' .. request_id, answer)",
                "",
            ),
        ),
    ),
    PlantedBug(
        *("rebuilds_without_chances", "chances are given back by a rebuild", "I3"),
        (Edit("cashticket/engine/lua/restore_bids.lua", "redis.call('HSET', CHANCES_USED, person, nth)", ""),),
    ),
)
