"""Planted bugs in limits, accounts, sessions and introductions, each with the one test that fails."""

from tests.storm.planted.bugs import Edit, TestedBug

PASSWORD_LIMITS = "cashticket/blueprints/request/password_limits.py"
COUNTERS = "cashticket/blueprints/request/try_counters.py"
PACE = "cashticket/blueprints/request/bid_pace.py"
INTRODUCE = "cashticket/engine/lua/introduce.lua"
PERSON_RULES = "cashticket/auction/person_rules.py"
HOLDS = "cashticket/accounts/holds.py"
CAPACITY = "cashticket/live/capacity.py"

OF_BROWSER = 'wrong = [Bucket(FAILURES_OF_BROWSER, keyed(f"{account} {browser}"))]'
FIRST_TRY = "if redis.call('INCR', KEYS[place]) == 1 then redis.call('EXPIRE', KEYS[place], ARGV[2 * place - 1]) end"
TOKENS = "tokens = min(self._burst, tokens + (now - filled_at) * self._rate)"
MAY_CHANGE = "return not bound or not present or present == new"
NEWER = "if known and tonumber(string.match(known, ':(%d+)$')) > tonumber(revision) then return {'older'} end"

SIGN_IN = "tests/web/test_sign_in_limits.py"
BROWSERS = "tests/security/test_limits_of_sign_in.py"


def _bug(name: str, breaks: str, test: str, path: str, old: str, new: str) -> TestedBug:
    return TestedBug(name, breaks, test, (Edit(path, old, new),))


PERSONS = (
    _bug(
        "right_passwords_fail_the_address",
        "a right sign-in counts as a failure of its address",
        f"{SIGN_IN}::test_right_passwords_of_many_are_no_failures_of_their_address[sqlite]",
        PASSWORD_LIMITS,
        "given_back = self._as_wrong",
        "given_back = self._as_wrong[:1]",
    ),
    _bug(
        "strangers_lock_out",
        "failures of strangers lock out a browser that the account knows",
        f"{BROWSERS}::test_a_stranger_who_fails_a_hundred_times_locks_no_known_browser_out[sqlite]",
        PASSWORD_LIMITS,
        OF_BROWSER,
        f"{OF_BROWSER[:-1]}, Bucket(FAILURES_OF_ACCOUNT, account)]",
    ),
    _bug(
        "one_count_for_all_browsers",
        "all browsers that an account knows share one count of failures",
        f"{BROWSERS}::test_each_known_browser_has_a_count_of_its_own[sqlite]",
        PASSWORD_LIMITS,
        OF_BROWSER,
        "wrong = [Bucket(FAILURES_OF_BROWSER, account)]",
    ),
    _bug(
        "tries_prolong_the_window",
        "each counted try prolongs the window it is counted in",
        f"{SIGN_IN}::test_a_window_ends_a_quarter_of_an_hour_after_its_first_try[sqlite]",
        COUNTERS,
        FIRST_TRY,
        "redis.call('INCR', KEYS[place]) redis.call('EXPIRE', KEYS[place], ARGV[2 * place - 1])",
    ),
    _bug(
        "saves_up_tokens",
        "the tokens of bids are saved up without bound",
        f"{SIGN_IN}::test_nobody_saves_up_bids_while_resting",
        PACE,
        TOKENS,
        "tokens = tokens + (now - filled_at) * self._rate",
    ),
    _bug(
        "birth_date_without_revision",
        "an older introduction undoes a corrected date of birth",
        "tests/web/test_age_limits.py::test_an_introduction_on_its_way_does_not_undo_a_corrected_date_of_birth[sqlite]",
        "cashticket/accounts/frozen_facts.py",
        "row.revision += 1",
        "",
    ),
    _bug(
        "older_introductions_win",
        "an introduction from before a change replaces the newer one",
        "tests/contract/test_bidding.py::test_an_older_revision_never_replaces_a_newer_one[redis]",
        INTRODUCE,
        NEWER,
        "",
    ),
    _bug(
        "introduced_once_a_revision",
        "a second introduction of one revision is not taken",
        "tests/contract/test_bidding.py::test_an_equal_revision_replaces[redis]",
        INTRODUCE,
        NEWER,
        NEWER.replace("> tonumber", ">= tonumber"),
    ),
    _bug(
        "oldest_sessions_bid_on",
        "a session that a twenty-first sign-in ended still bids",
        "tests/security/test_session_limits.py::test_a_sign_in_beyond_twenty_ends_the_oldest_also_for_bids[sqlite]",
        "cashticket/accounts/sessions.py",
        "if _end_oldest(session, row.id):",
        "if not _end_oldest(session, row.id) and False:",
    ),
    _bug(
        "free_at_the_end",
        "a bid binds its person no more once bidding has ended",
        "tests/unit/test_person_rules.py::test_a_bid_binds_until_the_auction_is_settled_or_voided[closing-True]",
        PERSON_RULES,
        "return not state.is_end",
        'return state == "open"',
    ),
    _bug(
        "never_given_facts_are_frozen",
        "a fact that was never given cannot be given while a bid stands",
        "tests/unit/test_person_rules.py::test_a_fact_that_was_never_given_may_be_given[None]",
        PERSON_RULES,
        MAY_CHANGE,
        MAY_CHANGE.replace("not present or ", ""),
    ),
    _bug(
        "ends_the_holds_of_others",
        "who ends an old hold of bids ends the one that lasts",
        "tests/security/test_bids_at_the_worst_moment.py::test_a_hold_is_ended_by_nobody_else[sqlite]",
        HOLDS,
        "if row.bids_held_at == held_at:",
        "if held_at:",
    ),
    _bug(
        "strangers_take_every_place",
        "sockets of strangers take the places of people who are signed in",
        "tests/unit/test_live_capacity.py::test_strangers_never_take_the_places_of_the_signed_in",
        CAPACITY,
        "return self._anonymous >= self.limits.anonymous",
        "return False",
    ),
)
