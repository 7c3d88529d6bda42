"""Kinds of answers in the raw files: a journey and its step. Scenarios of bids alone write `bid`."""

BID, FRAME, SOCKET, SILENCE = "bid", "watch.frame", "watch.socket", "watch.silence"
SEEN, OUT_OF_ORDER = "watch.seen", "watch.order"
"""How many watchers had which board since when (`lab.load.news`), and a board older than the one before it."""
QUEUED, GAVE_UP = "signed-in.whole", "gave-up.whole"
"""The time from the first try to sign in to being signed in, and somebody who was turned away each time."""
BY_SOCKET = (FRAME, SOCKET, SILENCE, SEEN, OUT_OF_ORDER, QUEUED, GAVE_UP)
"""What k6 does not count among its HTTP requests."""
NEWS_SEEN, NEWS_LATE, NEWS_MISSING = "news.seen", "news.late", "news.missing"
COUNTED = (FRAME, SEEN, NEWS_SEEN, NEWS_LATE, NEWS_MISSING)
"""Kinds whose number says how many answers of the same time stand in one line."""
MOVE, NEWS = "move", "news"
"""Journeys of the few who bid while others watch, and of what their bids bring to watchers."""
CROWD, TURNED_AWAY = "crowd", "turned-away"
"""Journeys of people who signed in before, and of sign-ins that were refused with the seconds to wait."""
REFUSALS = (TURNED_AWAY, "gave-up")
"""Journeys that are neither errors nor throughput."""
REPORTED_ONLY = (MOVE, NEWS, "queue", "signed-in", *REFUSALS)
"""Journeys whose errors count and whose waits choke no rate."""
LATE, MISSING = 998, 997
"""Statuses of news that came too late, and that never came."""
STATUS_NAMES = {0: "no answer", 996: "out of order", 997: "missing", 998: "late", 999: "another page"}
"""What stands in the raw files instead of an HTTP status."""
