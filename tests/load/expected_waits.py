"""Waits and errors of a turn by journey, computed from its raw lines without the code of the lab."""


def by_journey(cells: list[list[str]]) -> dict[str, list[tuple[float, bool]]]:
    """Journey → how long each answer took, and whether it was one that was due. A line of frames is many answers."""
    answers: dict[str, list[tuple[float, bool]]] = {}
    for cell in cells:
        kind, _, number = cell[2].rpartition(":")
        is_due = int(cell[3]) in ((200, 201, 422) if kind in ("", "bid.bid") else (101, 200, 303, 304))
        times = int(number) if kind == "watch.frame" else 1
        answers.setdefault(kind.partition(".")[0], []).extend([(float(cell[4]), is_due)] * times)
    return answers


def slowest_waits(cells: list[list[str]]) -> list[float]:
    """The waits of the journey whose 95 of 100 took longest, in order."""
    waits = [sorted(took for took, _ in answers) for answers in by_journey(cells).values()]
    return max(waits, key=lambda each: each[(95 * len(each) + 99) // 100 - 1])


def fails(cells: list[list[str]]) -> bool:
    """Whether more than one in a hundred answers of some journey was not the one that was due."""
    return any(sum(not due for _, due in each) > len(each) / 100 for each in by_journey(cells).values())
