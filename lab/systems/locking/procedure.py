"""The strongest form of a row lock: one stored procedure decides a bid, so the lock is never held over the network.

The server parses its statements once for each connection, as prepared statements are. The rules stand in it a third
time, in the order of `rules.judge`; the contract tests and the oracle hold it to the same answers.
"""

from cashticket.auction.answers import answer_of
from cashticket.auction.values import Entry, Reason, Refused
from cashticket.engine.errors import Paused, UnknownAuction
from cashticket.engine.values import Decision, StaleSession, UnknownPerson
from lab.systems.locking.judging import Attempt

DROP_PROCEDURE = "DROP PROCEDURE IF EXISTS locking_place_bid"

# The loop runs once under the lock, with what the order says of the bid, and before that once without the lock where
# the bid may well be refused. One SELECT reads it all: inside of a procedure a statement costs more than a subquery. A
# score holds amount and sequence: 4194304 is 2^22, and 4194303 the last sequence. `x_` is what was read, `v_` what is
# computed.
CREATE_PROCEDURE = """CREATE PROCEDURE locking_place_bid(
    IN p_auction BIGINT, IN p_person BIGINT, IN p_epoch BIGINT, IN p_amount BIGINT, IN p_request VARBINARY(256),
    IN p_now BIGINT, IN p_backlog_max BIGINT, IN p_looks_first TINYINT, IN p_sure BIGINT)
decide: BEGIN
    DECLARE x_seats, x_minimum, x_step, x_opens, x_closes, x_soft_close, x_cap, x_maximum BIGINT;
    DECLARE x_sequence, x_version, x_recorded, x_ends, x_last, x_bidders, x_cutoff_score, x_cutoff_person BIGINT;
    DECLARE x_epoch, x_used, x_score, x_clock, x_taken BIGINT;
    DECLARE x_permission, x_state VARCHAR(16) CHARACTER SET ascii;
    DECLARE x_pause VARCHAR(64) CHARACTER SET utf8mb4;
    DECLARE x_answer, x_next, v_reply VARCHAR(255) CHARACTER SET utf8mb4 DEFAULT '';
    DECLARE x_cutoff_used, x_place, v_next BIGINT;
    DECLARE v_look, v_now, v_score, v_cutoff, v_displaced, v_left, v_entered, v_alert BIGINT DEFAULT 0;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;

    SET v_look = IF(p_looks_first, 0, 1);
    WHILE v_look < 2 DO
        SET v_look = v_look + 1;
        IF v_look = 2 THEN
            START TRANSACTION;
            SELECT 1 INTO x_taken FROM locking_auctions WHERE auction_id = p_auction FOR UPDATE;
        END IF;
        SELECT a.seats, a.minimum, a.step, a.opens_at_ms, a.closes_at_ms, a.soft_close_ms, a.soft_close_cap_ms,
               a.maximum, a.sequence, a.version, a.recorded, a.ends_at_ms, a.last_ms, a.bidders, a.cutoff_score,
               a.cutoff_person, a.state, a.pause_reason, p.epoch, p.permission, IFNULL(p.used, 0),
               IFNULL(p.score, -1), CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED),
               IFNULL((SELECT CONCAT_WS(' ', b.sequence, b.nth, b.amount, b.place, b.cutoff, b.at_ms, b.ends_at_ms)
                       FROM locking_bids b WHERE b.auction_id = p_auction AND b.person = p_person
                       AND b.request_id = p_request LIMIT 1), ''),
               IF(v_look < 2, 0, (SELECT IFNULL(SUM(m.bids), 0) + 1 FROM locking_amounts m
                                  WHERE m.auction_id = a.auction_id AND m.amount >= p_amount)),
               IF(v_look < 2, '', IFNULL((SELECT CONCAT_WS(' ', q.score, q.person) FROM locking_people q
                                          WHERE q.auction_id = a.auction_id AND q.score > a.cutoff_score
                                          ORDER BY q.score LIMIT 1), '')),
               IF(v_look < 2, 0, (SELECT c.used FROM locking_people c
                                  WHERE c.auction_id = a.auction_id AND c.person = a.cutoff_person))
        INTO x_seats, x_minimum, x_step, x_opens, x_closes, x_soft_close, x_cap,
             x_maximum, x_sequence, x_version, x_recorded, x_ends, x_last, x_bidders, x_cutoff_score,
             x_cutoff_person, x_state, x_pause, x_epoch, x_permission, x_used,
             x_score, x_clock, x_answer, x_place, x_next, x_cutoff_used
        FROM locking_auctions a LEFT JOIN locking_people p ON p.auction_id = a.auction_id AND p.person = p_person
        WHERE a.auction_id = p_auction;

        SET v_now = GREATEST(IFNULL(p_now, x_clock), x_last), v_left = GREATEST(0, 3 - x_used);
        SET v_cutoff = IF(x_cutoff_score < 0, x_minimum, x_cutoff_score >> 22);
        SET v_reply = CASE
            WHEN x_seats IS NULL THEN 'unknown_auction'
            WHEN x_answer <> '' AND SUBSTRING_INDEX(SUBSTRING_INDEX(x_answer, ' ', 3), ' ', -1) <> p_amount
                THEN CONCAT('refused request_reused ', v_left)
            WHEN x_answer <> '' THEN CONCAT('replayed ', x_seats, ' ', x_answer)
            WHEN x_epoch IS NULL OR p_epoch > x_epoch THEN 'unknown_person'
            WHEN p_epoch < x_epoch THEN 'stale_session'
            WHEN x_permission = 'blocked' THEN 'refused blocked -1'
            WHEN x_permission <> 'ok' THEN 'refused not_verified -1'
            WHEN x_state = 'open' AND x_pause <> '' THEN CONCAT('paused ', x_pause)
            WHEN v_now < x_opens THEN CONCAT('refused not_open ', v_left)
            WHEN x_state <> 'open' OR v_now >= x_ends THEN CONCAT('refused closed ', v_left)
            WHEN x_used >= 3 THEN 'refused no_chances_left 0'
            WHEN p_amount < x_minimum THEN CONCAT('refused below_minimum ', v_left)
            WHEN p_amount > x_maximum THEN CONCAT('refused too_high ', v_left)
            WHEN (p_amount - x_minimum) % x_step <> 0 THEN CONCAT('refused not_a_step ', v_left)
            WHEN x_score >= 0 AND p_amount <= x_score >> 22 THEN CONCAT('refused not_above_own ', v_left)
            WHEN x_sequence >= 4194303 THEN CONCAT('refused full ', v_left)
            WHEN v_cutoff > 0 AND p_amount > 10 * v_cutoff AND NOT (p_sure <=> p_amount)
                THEN CONCAT('refused far_above ', v_left)
            WHEN x_sequence - x_recorded >= p_backlog_max THEN 'paused backlog'
            ELSE '' END;
        IF v_reply <> '' THEN
            IF v_look = 2 THEN ROLLBACK; END IF;
            SELECT v_reply;
            LEAVE decide;
        END IF;
    END WHILE;

    SET x_sequence = x_sequence + 1, x_used = x_used + 1, x_version = x_version + 1;
    SET v_score = p_amount * 4194304 + 4194303 - x_sequence;
    SET v_entered = x_place <= x_seats AND NOT (x_score >= 0 AND x_score >= x_cutoff_score);
    IF x_score < 0 THEN SET x_bidders = x_bidders + 1; END IF;
    IF v_entered AND x_cutoff_score >= 0 THEN
        SET v_displaced = x_cutoff_person, v_alert = x_cutoff_used < 3;
    END IF;
    IF x_bidders >= x_seats AND (v_entered OR (x_cutoff_score >= 0 AND x_score = x_cutoff_score)) THEN
        SET v_next = NULLIF(SUBSTRING_INDEX(x_next, ' ', 1), '');
        IF v_next IS NULL OR v_score < v_next THEN
            SET x_cutoff_score = v_score, x_cutoff_person = p_person;
        ELSE
            SET x_cutoff_score = v_next, x_cutoff_person = SUBSTRING_INDEX(x_next, ' ', -1);
        END IF;
    END IF;
    SET v_cutoff = IF(x_cutoff_score < 0, x_minimum, x_cutoff_score >> 22);
    IF v_entered THEN SET x_ends = GREATEST(x_ends, LEAST(v_now + x_soft_close, x_closes + x_cap)); END IF;

    UPDATE locking_people SET used = x_used, score = v_score WHERE auction_id = p_auction AND person = p_person;
    INSERT INTO locking_bids VALUES (p_auction, x_sequence, p_person, x_used, p_amount, v_now, p_request, x_ends,
        x_place, v_cutoff, NULLIF(v_displaced, 0), v_alert);
    IF x_score >= 0 THEN
        INSERT INTO locking_amounts VALUES (p_auction, p_amount, 1), (p_auction, x_score >> 22, -1)
            ON DUPLICATE KEY UPDATE bids = bids + VALUES(bids);
    ELSE
        INSERT INTO locking_amounts VALUES (p_auction, p_amount, 1) ON DUPLICATE KEY UPDATE bids = bids + 1;
    END IF;
    UPDATE locking_auctions SET sequence = x_sequence, version = x_version, ends_at_ms = x_ends, last_ms = v_now,
        bidders = x_bidders, cutoff_score = x_cutoff_score, cutoff_person = x_cutoff_person
        WHERE auction_id = p_auction;
    COMMIT;
    SELECT CONCAT_WS(' ', 'accepted', x_seats, x_sequence, x_used, p_amount, x_place, v_cutoff, v_now, x_ends,
        v_displaced, v_alert, x_version);
END"""


def call(attempt: Attempt, request: str) -> str:
    """The statement that decides the bid. `request` is the request id as a quoted literal."""
    bid = f"{attempt.auction_id},{attempt.person},{attempt.epoch},{attempt.amount},{request}"
    limits = ",".join("NULL" if each is None else str(each) for each in (attempt.now_ms, attempt.backlog_max))
    sure = "NULL" if attempt.sure is None else attempt.sure
    return f"CALL locking_place_bid({bid},{limits},{attempt.looks_first:d},{sure})"


def outcome(attempt: Attempt, reply: str) -> tuple[Decision, Entry | None, int]:
    """The answer, the entry of an accepted bid or repeated request, and the version after it. Raises Paused,
    UnknownAuction."""
    kind, _, rest = reply.partition(" ")
    match kind:
        case "accepted" | "replayed":
            return _accepted(attempt, list(map(int, rest.split(" "))), is_replayed=kind == "replayed")
        case "refused":
            reason, left = rest.split(" ")
            return Refused(Reason(reason), None if left == "-1" else int(left)), None, 0
        case "unknown_person":
            return UnknownPerson(), None, 0
        case "stale_session":
            return StaleSession(), None, 0
        case "paused":
            raise Paused(attempt.auction_id, rest)
    raise UnknownAuction(f"auction {attempt.auction_id} is not in the tables")


def _accepted(attempt: Attempt, numbers: list[int], *, is_replayed: bool) -> tuple[Decision, Entry | None, int]:
    seats, sequence, nth, amount, rank, cutoff, at_ms, ends_at_ms, *effect = numbers
    displaced, alert, version = effect or (0, 0, 0)
    bid = (sequence, attempt.person, nth, amount, at_ms, attempt.request_id, ends_at_ms, rank, cutoff)
    entry = Entry(*bid, displaced=displaced or None, alert=bool(alert))
    return answer_of(entry, seats, replayed=is_replayed), entry, version
