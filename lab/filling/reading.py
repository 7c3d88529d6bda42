"""How people bid in an auction made in bulk and read its result, in `bench.hammer` and in the load lab."""

LEVELS = 600
"""Each chance has amounts of its own, so many steps apart; three times as many stay below every ceiling."""

PAGE_ROWS = 50
"""Rows of one page of a result."""

OUTCOME_SHARE = 0.2
OTHER_PAGES_SHARE = 0.2
FIRST_SHARE = 1 - OUTCOME_SHARE - OTHER_PAGES_SHARE
"""Of all reads: one's own outcome; a page of the result that is not the first. The rest reads the first page."""
