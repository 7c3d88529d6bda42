"""Planted bugs in drains, checks, settlement, money and exports, each with the one test that fails."""

from tests.storm.planted.bugs import Edit, TestedBug

DRAIN = "cashticket/work/draining.py"
LEASES = "cashticket/work/leases.py"
VERDICTS = "cashticket/work/check/verdicts.py"
KEYS = "cashticket/work/ending_keys.py"
READINESS = "cashticket/settlement/readiness.py"
RANKING = "cashticket/settlement/ranking.py"
VOIDING = "cashticket/settlement/voiding.py"
AWARDS = "cashticket/settlement/awards.py"
RULES = "cashticket/auction/rules.py"
AFTER = "cashticket/auction/settlement_rules.py"
EXPORT = "cashticket/work/exporting.py"

LEASED = "if time.monotonic() < self._retry_at.get(auction_id, 0.0) or not self._hold(lease):"
WHEN_OPEN = "if not self._opens_at_ms <= bid.at_ms < bid.ends_at_ms:"
PAID = (
    "refunds = tuple(Refund(auction_id, award.id, award.seat.label, award.price) "
    "for award in voided if award.id in paid)"
)
NEXT_STEP = "return above + terms.step - (above - terms.minimum) % terms.step"
WINDOW_END = "return None if now_ms >= deadline_ms else min(end_ms, deadline_ms)"
QUIET_END = "end_ms = after_quiet_hours(after_quiet_hours(now_ms, midnight_ms) + window_ms, midnight_ms)"
ALERTED = "return None if person is None else RankedOut(person, alert=used < CHANCES)"

DRAINS = "tests/integration/test_drain.py"
CHECKS = "tests/integration/checking/test_check.py"
WHOLE = "tests/integration/watch/test_whole_checks.py"
ENDING = "tests/integration/test_ending_keys.py"
SETTLING = "tests/integration/test_settlement.py"
RANKS = "tests/integration/test_ranking.py"
VOIDED = "tests/integration/test_voiding.py"
DECISIONS = "tests/integration/test_awards.py"
RULE_BOOK = "tests/unit/test_rule_book.py"
EXPORTS = "tests/cli/test_export_streams.py"


def _bug(name: str, breaks: str, test: str, path: str, old: str, new: str) -> TestedBug:
    return TestedBug(name, breaks, test, (Edit(path, old, new),))


WORK = (
    _bug(
        "tries_again_at_once",
        "a drain tries an auction in trouble again without a pause",
        f"{DRAINS}::test_an_auction_in_trouble_is_left_alone_also_while_no_lease_can_be_held[sqlite]",
        DRAIN,
        LEASED,
        "if not self._hold(lease):",
    ),
    _bug(
        "takes_the_leases_of_others",
        "two drains record one auction side by side",
        f"{DRAINS}::test_a_drain_leaves_an_auction_that_another_records_and_takes_the_others[sqlite]",
        LEASES,
        "if holder and holder ~= ARGV[1] then return 0 end",
        "",
    ),
    _bug(
        "ends_the_leases_of_others",
        "whose lease has expired ends the lease of the next holder",
        f"{DRAINS}::test_an_expired_lease_ends_no_other[sqlite]",
        LEASES,
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end",
        "",
    ),
    _bug(
        "gives_back_broken_exchanges",
        "the answer to a call that was interrupted is read by the next one",
        "tests/integration/test_engine_connection.py::"
        "test_the_answer_to_an_interrupted_call_is_never_taken_for_another[redis]",
        "cashticket/engine/connection.py",
        "_drop(connection, pool if isinstance(connection, ToPrimary) else None)",
        "pass",
    ),
    _bug(
        "checks_nothing_anew",
        "nothing is checked anew when another process of the live store answers",
        "tests/integration/watch/test_guard_other_store.py::"
        "test_a_fault_that_a_restart_mended_is_looked_for_at_once[sqlite]",
        "cashticket/work/watch/guard.py",
        "self._checks.make_due()",
        "",
    ),
    _bug(
        "believes_one_check",
        "a fault that a single check found pauses bidding",
        "tests/integration/watch/test_wanted_checks.py::"
        "test_a_fault_that_the_second_look_does_not_find_pauses_nothing[sqlite]",
        VERDICTS,
        "if report.stops_bidding:",
        "if report is None:",
    ),
    _bug(
        "late_bids_are_sound",
        "the check takes a bid after the end for sound",
        f"{CHECKS}::test_a_fault_is_named[sqlite-bid_at_the_end]",
        "cashticket/work/check/bids.py",
        WHEN_OPEN,
        WHEN_OPEN.replace(" < bid.ends_at_ms", ""),
    ),
    _bug(
        "early_bids_are_sound",
        "the check takes a bid before the opening for sound",
        f"{CHECKS}::test_a_fault_is_named[sqlite-bid_before_the_opening]",
        "cashticket/work/check/bids.py",
        WHEN_OPEN,
        WHEN_OPEN.replace("self._opens_at_ms <= ", ""),
    ),
    _bug(
        "faults_wait_an_hour",
        "a faulty auction is checked whole again only after an hour",
        f"{WHOLE}::test_a_running_auction_is_checked_whole_every_hour_and_a_faulty_one_every_minute[sqlite]",
        "cashticket/work/check/due_checks.py",
        "since = FAULTY_AGAIN_SECONDS if check.whole_fault else WHOLE_AGAIN_SECONDS",
        "since = WHOLE_AGAIN_SECONDS",
    ),
    _bug(
        "forgets_unrecorded_bids",
        "the keys of an auction leave with bids that the ledger has not",
        f"{ENDING}::test_bids_that_the_ledger_has_not_keep_the_keys[sqlite]",
        KEYS,
        "if standing is not None and standing.sequence > row.recorded_sequence:",
        "if standing is not None and standing.sequence < 0:",
    ),
    _bug(
        "forgets_running_auctions",
        "the keys of an auction leave before it is settled",
        f"{ENDING}::test_an_auction_that_is_not_over_keeps_its_keys[sqlite]",
        KEYS,
        "if not row.state.is_end:",
        "if row.state is None:",
    ),
    _bug(
        "settles_beside_what_was_set_aside",
        "an auction is settled while a bid that was set aside waits for an operator",
        f"{SETTLING}::test_settlement_waits_for_a_bid_that_was_set_aside[sqlite]",
        READINESS,
        "if unresolved:",
        "if unresolved < 0:",
    ),
    _bug(
        "settles_in_any_order",
        "a later auction of a concert is settled before an earlier one",
        f"{SETTLING}::test_auctions_of_one_concert_settle_in_the_order_they_ended[sqlite]",
        READINESS,
        "if earlier is not None:",
        "if earlier == 0:",
    ),
    _bug(
        "trusts_stored_ranks",
        "ranks that changed after they were written count",
        f"{RANKS}::test_a_row_that_changed_before_the_claim_stops_it[sqlite]",
        RANKING,
        "if _stored_digest(session, auction_id) == ranking.digest:",
        "if ranking.digest:",
    ),
    _bug(
        "line_begins_at_the_rank",
        "the place in the line counts the winners too",
        f"{RANKS}::test_everybody_has_a_row_with_rank_alias_and_place[sqlite]",
        RANKING,
        "places.append((None, False) if won else (rank - self._won, bid.person not in passed_over))",
        "places.append((None, False) if won else (rank, bid.person not in passed_over))",
    ),
    _bug(
        "refunds_what_was_not_paid",
        "voiding refunds seats that were only offered",
        f"{VOIDED}::test_bought_seats_are_refunded_and_offered_ones_withdrawn[sqlite]",
        VOIDING,
        PAID,
        PAID.replace(" if award.id in paid", ""),
    ),
    _bug(
        "sells_after_the_window",
        "an offer can be bought in the moment at which it expires",
        f"{DECISIONS}::test_buying_ends_with_the_window[sqlite]",
        AWARDS,
        "if move.old is AwardState.OFFERED and now >= award.expires_at:",
        "if move.old is AwardState.OFFERED and now > award.expires_at:",
    ),
    _bug(
        "cancels_after_the_deadline",
        "a bought seat can be cancelled in the moment of the deadline",
        f"{DECISIONS}::test_cancelling_ends_with_the_concerts_deadline[sqlite]",
        AWARDS,
        "if move is CANCEL and now >= concert.cancel_until:",
        "if move is CANCEL and now > concert.cancel_until:",
    ),
    _bug(
        "sells_to_the_blocked",
        "a blocked person buys an offered seat",
        f"{DECISIONS}::test_a_blocked_person_cannot_buy[sqlite]",
        AWARDS,
        "if move is BUY and not award.person.may_hold_award:",
        "if move is BUY and award.person is None:",
    ),
    _bug(
        "offers_past_the_deadline",
        "an offer ends after the cancellation deadline",
        f"{RULE_BOOK}::test_an_offer_ends_after_its_window_or_at_the_deadline",
        AFTER,
        WINDOW_END,
        "return None if now_ms >= deadline_ms else end_ms",
    ),
    _bug(
        "lapses_at_night",
        "a right to buy ends while its holder sleeps",
        "tests/unit/test_quiet_hours.py::test_no_right_to_buy_ends_in_the_quiet_hours[3]",
        AFTER,
        QUIET_END,
        "end_ms = after_quiet_hours(now_ms, midnight_ms) + window_ms",
    ),
    _bug(
        "steps_from_anywhere",
        "the next amount that is offered lies between two steps",
        f"{RULE_BOOK}::test_the_next_step_is_the_lowest_amount_above[10001-11000]",
        RULES,
        NEXT_STEP,
        "return above + terms.step",
    ),
    _bug(
        "exports_twice",
        "somebody who is overtaken while the order is exported appears twice",
        f"{EXPORTS}::test_whoever_overtakes_while_it_is_read_makes_nobody_appear_twice[sqlite]",
        EXPORT,
        "below = [bid for bid in bids if last is None or _is_below(bid, last)]",
        "below = list(bids)",
    ),
    _bug(
        "names_without_a_record",
        "names are exported and nobody can see by whom and why",
        "tests/cli/test_operator_commands.py::test_names_are_given_for_a_reason_that_is_kept[sqlite]",
        EXPORT,
        'record_alone(operator, Act.AUCTION_EXPORT, auction_subject(auction_id), why, {"people": export.bidders})',
        "",
    ),
)
