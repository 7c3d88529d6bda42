"""Waits and errors of a turn by journey, computed from its raw lines without the code of the lab."""

Waited = list[tuple[float, bool]]
"""How long each answer took, and whether it was one that was due."""


def by_journey(cells: list[list[str]]) -> dict[str, Waited]:
    """The answers of each journey. A line of frames is many answers."""
    answers: dict[str, Waited] = {}
    for cell in cells:
        kind, _, number = cell[2].rpartition(":")
        is_due = int(cell[3]) in ((200, 201, 422) if kind in ("", "bid.bid") else (101, 200, 303, 304))
        times = int(number) if kind == "watch.frame" else 1
        answers.setdefault(kind.partition(".")[0], []).extend([(float(cell[4]), is_due)] * times)
    return answers


def slowest_waits(journeys: dict[str, Waited]) -> list[float]:
    """The waits of the journey whose 95 of 100 took longest, in order."""
    waits = [sorted(took for took, _ in answers) for answers in journeys.values()]
    return max(waits, key=lambda each: each[(95 * len(each) + 99) // 100 - 1])


def fails(journeys: dict[str, Waited]) -> bool:
    """Whether more than one in a hundred answers of some journey was not the one that was due."""
    return any(sum(not due for _, due in each) > len(each) / 100 for each in journeys.values())
