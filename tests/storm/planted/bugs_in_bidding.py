"""Planted bugs in deciding and answering bids, and in the client of the live store."""

from tests.storm.planted.bugs import Edit, PlantedBug

SCRIPT = "cashticket/engine/lua/place_bid.lua"
WITHDRAWAL = "cashticket/engine/lua/withdraw.lua"
CONNECTION = "cashticket/engine/connection.py"
DOOR = "cashticket/blueprints/auction/bids.py"

REMEMBER = "redis.call('HSET', ANSWERS, answer_field, answer)"
CHANCES = "local CHANCES, SEQUENCE_MAX, AMOUNT_MAX, SHIFT, FAR_ABOVE = 3, 4194303, 2147483647, 4194304, 10"
HIGHEST = "if amount > maximum then return refuse('too_high') end"
FAR_ABOVE = "if least > 0 and amount > FAR_ABOVE * least then return refuse('far_above') end"
LEAST = "local least = met and math.floor(tonumber(met) / SHIFT) or minimum"
BROUGHT_IN = (
    "rank = whole(place + 1), cutoff = whole(cutoff), displaced = place < seats and edge[1] or '0', alert = '0'})"
)
RANKS = "redis.call('ZADD', STANDINGS, whole(amount * SHIFT + SEQUENCE_MAX - sequence), person)"
ALERT = "if edge[3] and tonumber(redis.call('HGET', CHANCES_USED, displaced) or '0') < CHANCES then alert = '1' end"
PUSH = "redis.call('RPUSH', BIDS, entry)"
SEND = "return checked(exchange(client, [command])[0])"
AGAIN = "Retry(NoBackoff(), 1, (OutcomeUnknown,)).call_with_retry(lambda: exchange(client, [command]), lambda _: None)"
SILENT = 'raise OutcomeUnknown(f"the live store did not answer: {failure_text(error)}") from error'
PARSED = 'return BidRequest(auction_id, amount, fields["request_id"], parse_amount(fields.get("sure", "")))'


def _lua(name: str, breaks: str, invariant: str, old: str, new: str) -> PlantedBug:
    return PlantedBug(name, breaks, invariant, (Edit(SCRIPT, old, new),))


BIDS = (
    _lua("forgets_requests", "no memory of accepted requests", "I4", REMEMBER, ""),
    _lua(
        "remembers_without_amount",
        "a remembered request is answered whatever amount comes with it",
        "I4",
        "if string.match(remembered, '^%d+ %d+ (%d+) ') ~= amount_text then return refuse('request_reused') end",
        "",
    ),
    _lua(
        "charges_replays",
        "a repeated request costs a chance",
        "I3",
        "return {'replayed', remembered}",
        "redis.call('HINCRBY', CHANCES_USED, person, 1) return {'replayed', remembered}",
    ),
    _lua("four_chances", "four bids a person", "I3", CHANCES, CHANCES.replace("= 3,", "= 4,")),
    _lua("two_chances", "two bids a person", "I3", CHANCES, CHANCES.replace("= 3,", "= 2,")),
    _lua(
        "never_counts_chances",
        "chances are not counted",
        "I3",
        "redis.call('HSET', CHANCES_USED, person, whole(used))",
        "",
    ),
    _lua(
        "latest_first",
        "at equal amounts the later bid is better",
        "I6",
        RANKS,
        RANKS.replace("SEQUENCE_MAX - sequence", "sequence"),
    ),
    _lua(
        "rounds_scores",
        "amounts near 2^31 are rounded in the order",
        "I6",
        "local whole = function(number) return string.format('%.0f', number) end",
        "local whole = function(number) return string.format('%.0f', tonumber(string.format('%.14g', number))) end",
    ),
    _lua(
        "no_highest_amount",
        "amounts beyond what an order can hold",
        "I6",
        HIGHEST,
        "",
    ),
    _lua(
        "no_ceiling",
        "the ceiling of an auction holds nobody back",
        "I6",
        HIGHEST,
        HIGHEST.replace("> maximum", "> AMOUNT_MAX"),
    ),
    _lua("no_far_above", "a zero too many costs a chance", "I6", FAR_ABOVE, ""),
    _lua(
        "far_above_the_minimum",
        "a bid is far above when it is so above the minimum price",
        "I15",
        LEAST,
        "local least = minimum",
    ),
    _lua(
        "stale_rank",
        "the answer tells the rank before the bid",
        "I6",
        "local place = redis.call('ZREVRANK', STANDINGS, person)",
        "local place = place_before or redis.call('ZREVRANK', STANDINGS, person)",
    ),
    _lua(
        "wrong_cutoff",
        "the cut-off is the best bid that is out",
        "I6",
        "local cutoff = edge[2] and math.floor(tonumber(edge[2]) / SHIFT) or minimum",
        "local cutoff = edge[4] and math.floor(tonumber(edge[4]) / SHIFT) or minimum",
    ),
    _lua(
        "lowers_bids",
        "a person's bid may go down",
        "I15",
        "if amount <= math.floor(own_score / SHIFT) then return refuse('not_above_own') end",
        "",
    ),
    _lua(
        "follows_the_clock_back",
        "time runs backwards with the store's clock",
        "I5",
        "now = math.max(now, tonumber(state[4]))",
        "",
    ),
    _lua(
        "open_before_opening",
        "bids before the opening",
        "I12",
        "if now < opens_at then return refuse('not_open') end",
        "",
    ),
    _lua(
        "late_opening",
        "the millisecond of the opening is too early",
        "I12",
        "if now < opens_at then return refuse('not_open') end",
        "if now <= opens_at then return refuse('not_open') end",
    ),
    _lua(
        "late_end",
        "the millisecond of the end still counts",
        "I12",
        "if state[5] ~= 'open' or now >= ends_at then return refuse('closed') end",
        "if state[5] ~= 'open' or now > ends_at then return refuse('closed') end",
    ),
    _lua(
        "early_end",
        "the last millisecond is too late",
        "I12",
        "if state[5] ~= 'open' or now >= ends_at then return refuse('closed') end",
        "if state[5] ~= 'open' or now + 1 >= ends_at then return refuse('closed') end",
    ),
    _lua(
        "endless_soft_close",
        "a soft close passes its limit",
        "I12",
        "ends_at = math.max(ends_at, math.min(now + soft_close, closes_at + soft_close_cap))",
        "ends_at = math.max(ends_at, now + soft_close)",
    ),
    _lua(
        "alerts_the_hopeless",
        "an alert to somebody without chances",
        "I13",
        ALERT,
        "if edge[3] then alert = '1' end",
    ),
    _lua("alerts_nobody", "no alert to who was pushed out", "I13", ALERT, ""),
    _lua(
        "displaces_the_last_winner",
        "the last winner is said to be out",
        "I13",
        "displaced = edge[3] or '0'",
        "displaced = edge[1] or '0'",
    ),
    _lua(
        "own_raise_displaces",
        "raising one's own winning bid pushes somebody out",
        "I13",
        "local entered = winning and not (place_before and place_before < seats)",
        "local entered = winning",
    ),
    _lua(
        "answers_before_the_push",
        "a bid outside the seats is answered and never given to the ledger",
        "I1",
        PUSH,
        f"if not winning then return {{'accepted', answer, entry}} end {PUSH}",
    ),
    _lua(
        "numbers_as_numbers",
        "moments are written as numbers, which keep 14 digits",
        "I1",
        "amount = amount_text, ms = whole(now), request_id = request_id, ends_at = whole(ends_at),"
        " rank = whole(place + 1),",
        "amount = amount_text, ms = now * 1000, request_id = request_id, ends_at = whole(ends_at),"
        " rank = whole(place + 1),",
    ),
    PlantedBug(
        name="withdraws_in_the_ledger_alone",
        breaks="who was withdrawn still stands in the live store",
        invariant="I6",
        edits=(Edit(WITHDRAWAL, "redis.call('ZREM', STANDINGS, person)", ""),),
    ),
    PlantedBug(
        name="brings_in_the_next_but_one",
        breaks="somebody else is told to have come in",
        invariant="I6",
        edits=(Edit(WITHDRAWAL, BROUGHT_IN, BROUGHT_IN.replace("edge[1]", "edge[3]")),),
    ),
    PlantedBug(
        name="sends_again",
        breaks="the client sends again after a lost answer, to an auction without memory",
        invariant="I4",
        edits=(Edit(CONNECTION, SEND, f"return checked({AGAIN}[0])"), Edit(SCRIPT, REMEMBER, "")),
    ),
    PlantedBug(
        name="calls_silence_a_no",
        breaks="a lost answer is taken for a refusal",
        invariant="I2",
        edits=(Edit(CONNECTION, SILENT, SILENT.replace("OutcomeUnknown", "StoreUnavailable")),),
    ),
    PlantedBug(
        name="own_request_ids",
        breaks="the door makes up the request id",
        invariant="I4",
        edits=(Edit(DOOR, PARSED, PARSED.replace('fields["request_id"]', 'str(perf_counter()).replace(".", "-")')),),
    ),
)
