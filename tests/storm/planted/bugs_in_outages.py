"""Planted bugs in giving lost time back, each with the one test that fails."""

from tests.storm.planted.bugs import Edit, TestedBug

CLOSING = "cashticket/work/closing.py"
GIVING = "cashticket/work/giving_back.py"
BEAT = "cashticket/engine/lua/beat.lua"
BEATS = "cashticket/engine/beats.py"
GIVE_BACK = "cashticket/engine/lua/give_back.lua"

AWAY = "tests/integration/test_away_without_a_pause.py"
ASKED = "tests/integration/test_beats.py"
SILENCES = "tests/contract/test_silences.py"


def _bug(name: str, breaks: str, test: str, path: str, old: str, new: str) -> TestedBug:
    return TestedBug(name, breaks, test, (Edit(path, old, new),))


OUTAGES = (
    _bug(
        "closes_before_it_asks",
        "an auction whose end came while the live store was away closes before the watch looks",
        f"{AWAY}::test_closing_before_the_watch_looks_gives_the_time_back_first[sqlite]",
        CLOSING,
        "if end is not None and beat.silences:",
        "if False and end is not None and beat.silences:",
    ),
    _bug(
        "closes_long_after_it_asked",
        "a closing that was sent before the live store froze ends the auction after it",
        f"{AWAY}::test_a_closing_that_waits_between_its_question_and_its_command_ends_nothing[sqlite]",
        "cashticket/engine/lua/close.lua",
        "if paused or was_away or now < ends_at then return {'0', state[3], state[1]} end",
        "if paused or now < ends_at then return {'0', state[3], state[1]} end",
    ),
    _bug(
        "gives_back_what_bids_disprove",
        "time in which bids were accepted is given back",
        f"{AWAY}::test_bids_meanwhile_show_that_the_store_took_orders[sqlite]",
        GIVING,
        "if board.last_ms <= silence.began_ms:",
        "if board.last_ms > silence.began_ms:",
    ),
    _bug(
        "gives_back_twice",
        "two watches give the same time back twice",
        f"{SILENCES}::test_the_same_silence_is_given_back_once[redis]",
        GIVE_BACK,
        "if state[3] ~= 'open' or ended <= given then return {'0'} end",
        "if state[3] ~= 'open' then return {'0'} end given, state[7] = 0, ''",
    ),
    _bug(
        "takes_a_step_for_an_outage",
        "a step of the live store's clock is given back as lost time",
        f"{ASKED}::test_a_step_of_the_clock_is_no_silence[redis]",
        BEATS,
        "is_step = self._measured() - self._counted_at < beat.now_ms - beat.taken_ms - STEP_MS",
        "is_step = False",
    ),
    _bug(
        "the_first_to_ask_hides_the_outage",
        "a job that begins after an outage hides it from those who missed the live store",
        f"{ASKED}::test_who_comes_first_and_knows_nothing_waits_for_somebody_who_does[redis]",
        BEAT,
        "elseif not is_answered and not is_over then",
        "elseif false then",
    ),
)
