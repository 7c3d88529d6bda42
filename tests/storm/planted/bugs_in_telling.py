"""Planted bugs in mails, notices and live pages, each with the one test that fails."""

from tests.storm.planted.bugs import Edit, TestedBug

RANK_OUTS = "cashticket/work/rank_outs.py"
OUTBOX = "cashticket/notify/outbox.py"
DELIVERING = "cashticket/work/delivering.py"
TELLING_END = "cashticket/settlement/telling.py"
CHANNEL = "cashticket/live/channel.py"
UPDATE = "cashticket/live/update.py"
BOARD = "cashticket/live/board_rows.py"

OUT_SINCE = "out_since = place and not place.winning and 0 < place.sequence < notice.sequence and place.chances_left"
NEEDLESS = "if notice.is_read or notice.permission is not Permission.OK or not is_open:"
WAIT = "wait = BACK_OFF[min(message.tries, len(BACK_OFF) - 1)] * random.uniform(1 - JITTER, 1 + JITTER)"
ENDED = "_change(message, state=state, ended_at=now, address=None, **values)"
STILL_OUT = "if still_out and place.chances_left and self._snapshot.state is State.OPEN:"
EDGE = 'edge = [row for row in around if len(top) < row["rank"] <= terms.seats]'

MAILS = "tests/integration/test_rank_out_mail.py"
DECIDED = "tests/integration/test_rank_outs_to_mail.py"
LEASES = "tests/integration/test_outbox_leases.py"
DELIVERY = "tests/integration/test_outbox_delivery.py"
ALERTS = "tests/integration/test_hub_alerts.py"
LOST = "tests/integration/test_hub_lost_news.py"
TOLD = "tests/integration/test_telling.py"


def _bug(name: str, breaks: str, test: str, path: str, old: str, new: str) -> TestedBug:
    return TestedBug(name, breaks, test, (Edit(path, old, new),))


TELLING = (
    _bug(
        "mails_the_hopeless",
        "a mail about a displacement goes to somebody without chances",
        f"{DECIDED}::test_who_has_no_chance_left_is_not_mailed[sqlite]",
        RANK_OUTS,
        OUT_SINCE,
        OUT_SINCE.replace(" and place.chances_left", ""),
    ),
    _bug(
        "mails_every_displacement",
        "each of several displacements is mailed, not only the newest",
        f"{DECIDED}::test_two_displacements_without_a_bid_between_them_are_one_mail_about_the_newest[sqlite]",
        RANK_OUTS,
        "newest = {(notice.person_id, notice.auction_id): notice for notice in due}.values()",
        "newest = due",
    ),
    _bug(
        "mails_who_bid_since",
        "a mail about a displacement goes to somebody who has bid since",
        f"{MAILS}::test_who_has_bid_since_is_not_mailed_whether_in_or_out[sqlite-105000]",
        RANK_OUTS,
        OUT_SINCE,
        OUT_SINCE.replace("< notice.sequence ", ""),
    ),
    _bug(
        "mails_the_blocked",
        "a blocked person is asked by mail to bid",
        f"{MAILS}::test_a_blocked_person_is_not_asked_to_bid[sqlite]",
        RANK_OUTS,
        NEEDLESS,
        NEEDLESS.replace("notice.permission is not Permission.OK or ", ""),
    ),
    _bug(
        "believes_dead_pages",
        "who only seemed to have a page open gets no mail",
        f"{MAILS}::test_who_only_seemed_to_have_a_page_open_is_mailed_after_all[sqlite]",
        RANK_OUTS,
        "return Verdict.WAIT if now - notice.at < PRESENCE_CERTAIN else Verdict.NEEDLESS",
        "return Verdict.NEEDLESS",
    ),
    _bug(
        "waits_never_grow",
        "a mail that is put off is tried again after a minute each time",
        f"{LEASES}::test_waits_grow_until_the_message_is_worth_nothing[sqlite]",
        OUTBOX,
        WAIT,
        WAIT.replace("min(message.tries, len(BACK_OFF) - 1)", "0"),
    ),
    _bug(
        "tries_for_ever",
        "a mail is tried again when it is worth nothing any more",
        f"{LEASES}::test_waits_grow_until_the_message_is_worth_nothing[sqlite]",
        OUTBOX,
        "if now + wait >= message.expires_at:",
        "if now >= message.expires_at:",
    ),
    _bug(
        "comes_back_together",
        "mails that failed together come back together",
        f"{LEASES}::test_what_failed_together_does_not_come_back_together[sqlite]",
        OUTBOX,
        WAIT,
        WAIT.partition(" * ")[0],
    ),
    _bug(
        "lost_leases_count",
        "a deliverer that lost its lease still ends the message",
        f"{LEASES}::test_who_lost_a_lease_changes_nothing_any_more[sqlite]",
        OUTBOX,
        "mine = (OutboxMessage.id == message.id, OutboxMessage.lease_owner == message.lease_owner)",
        "mine = (OutboxMessage.id == message.id,)",
    ),
    _bug(
        "leases_never_end",
        "the message of a deliverer that died is never sent",
        f"{LEASES}::test_a_lease_of_a_dead_deliverer_ends_by_itself[sqlite]",
        OUTBOX,
        "ids = session.scalars(select(OutboxMessage.id).where(_is_abandoned(now))).all()",
        "ids: list[int] = []",
    ),
    _bug(
        "keeps_addresses",
        "the address of a message that was sent is kept",
        f"{DELIVERY}::test_a_message_is_sent_once_and_its_address_forgotten[sqlite]",
        OUTBOX,
        ENDED,
        ENDED.replace("address=None, ", ""),
    ),
    _bug(
        "sends_what_is_over",
        "a mail leaves after its time",
        f"{DELIVERY}::test_a_message_is_dropped_when_its_time_is_over[sqlite]",
        DELIVERING,
        "if message.expires_at <= now:",
        "if message.expires_at is None:",
    ),
    _bug(
        "pause_not_shown",
        "the standing on an open page does not change when bidding is paused",
        "tests/integration/test_hub_pieces.py::test_a_pause_and_its_end_are_shown_in_every_standing",
        "cashticket/live/watcher.py",
        "snapshot.paused,",
        "",
    ),
    _bug(
        "repeats_alerts_to_the_hopeless",
        "who comes back without chances is alerted",
        f"{ALERTS}::test_a_person_who_comes_back_without_chances_or_after_the_end_is_not_alerted",
        UPDATE,
        STILL_OUT,
        STILL_OUT.replace("place.chances_left and ", ""),
    ),
    _bug(
        "lost_alerts_to_the_hopeless",
        "an alert whose news was lost goes to somebody without chances",
        f"{LOST}::test_a_lost_alert_is_not_sent_to_a_person_without_chances",
        CHANNEL,
        "return (sequence if place.chances_left else None), None",
        "return sequence, None",
    ),
    _bug(
        "gaps_in_the_news_unseen",
        "after lost news a place is shown from memory",
        f"{LOST}::test_a_bid_below_every_row_is_shown_to_its_bidder_although_its_news_is_lost",
        CHANNEL,
        "is_complete = arrived and not self._news_missing",
        "is_complete = True",
    ),
    _bug(
        "last_winner_hidden",
        "the last winning bid is missing on the board",
        "tests/unit/test_live_places.py::test_a_board_shows_the_best_bids_and_both_sides_of_the_line[many seats]",
        BOARD,
        EDGE,
        EDGE.replace("<= terms", "< terms"),
    ),
    _bug(
        "equal_amounts_win",
        "a page names an amount that ties with the cut-off as enough to win",
        "tests/unit/test_live_pieces.py::test_a_full_top_must_be_outbid_by_a_step_because_equal_amounts_rank_behind",
        "cashticket/live/pieces.py",
        "return next_step(snapshot.terms, snapshot.cutoff) if full else snapshot.terms.minimum",
        "return snapshot.cutoff if full else snapshot.terms.minimum",
    ),
    _bug(
        "position_at_the_end",
        "somebody in the line is told the place at the end, not the present position",
        f"{TOLD}::test_a_position_is_the_one_at_the_moment_of_telling[sqlite]",
        TELLING_END,
        'facts["position"] = row.line_place - bisect_left(gone, row.line_place)',
        'facts["position"] = row.line_place',
    ),
    _bug(
        "told_by_a_clock_ahead",
        "whoever was told the result by a machine whose clock is ahead is not told of the voiding",
        f"{TOLD}::test_voiding_reaches_people_who_were_told_by_a_machine_whose_clock_is_ahead[sqlite-ahead1]",
        "cashticket/settlement/voiding.py",
        "return now if last is None else max(now, last + MOMENT)",
        "return now",
    ),
)
