"""What waits for one socket."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cashticket.live.mailbox import ALERTS_MAX, CheckSession, Ended, Mailbox
from lab.waiting import wait_until


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def everything(mailbox: Mailbox) -> list[object]:
    taken = []
    while (item := mailbox.take(0)) is not None:
        taken.append(item)
    return taken


def test_of_a_piece_only_the_newest_frame_waits(mailbox: Mailbox) -> None:
    for version in range(3):
        mailbox.put("board", f"board {version}")
    mailbox.put("standing", "standing 1")
    assert everything(mailbox) == ["board 2", "standing 1"]


def test_alerts_go_ahead_of_pieces_in_order(mailbox: Mailbox) -> None:
    mailbox.put("board", "board")
    mailbox.alert(1, 5, "first")
    mailbox.alert(1, 9, "second")
    assert everything(mailbox) == ["first", "second", "board"]


def test_one_displacement_is_alerted_once(mailbox: Mailbox) -> None:
    assert mailbox.alert(1, 5, "first")
    assert not mailbox.alert(1, 5, "again")
    assert not mailbox.alert(1, 4, "older")
    assert mailbox.alert(2, 5, "another auction")
    assert everything(mailbox) == ["first", "another auction"]


def test_alerts_that_nobody_reads_do_not_pile_up(mailbox: Mailbox) -> None:
    for sequence in range(1, 3 * ALERTS_MAX):
        mailbox.alert(1, sequence, f"alert {sequence}")
    waiting = everything(mailbox)
    assert len(waiting) == ALERTS_MAX
    assert waiting[-1] == f"alert {3 * ALERTS_MAX - 1}"


def test_the_end_comes_before_everything_that_waits_and_its_first_code_stands(mailbox: Mailbox) -> None:
    mailbox.put("board", "board")
    mailbox.end(1012)
    mailbox.end(1008)
    assert mailbox.take(0) == Ended(1012)


def test_a_doubted_session_is_checked_before_anything_is_sent(mailbox: Mailbox) -> None:
    mailbox.put("standing", "private")
    mailbox.check_session()
    assert everything(mailbox) == [CheckSession(), "private"]


@pytest.mark.parametrize("nudge", [lambda box: box.put("board", "b"), lambda box: box.end(1012), Mailbox.wake])
def test_a_waiting_writer_is_woken(mailbox: Mailbox, nudge: object) -> None:
    returned = threading.Event()

    def wait() -> None:
        mailbox.take(60)
        returned.set()

    writer = threading.Thread(target=wait, daemon=True)
    writer.start()
    nudge(mailbox)  # type: ignore[operator]
    assert returned.wait(10)
    writer.join()


class Line:
    """Takes what is offered while `open`, and remembers it."""

    def __init__(self) -> None:
        self.open = True
        self.taken: list[str] = []

    def try_send(self, frame: str) -> bool:
        if self.open:
            self.taken.append(frame)
        return self.open


@contextmanager
def waiting_writer(mailbox: Mailbox) -> Iterator[list[object]]:
    """A writer that waits in `take`; afterwards, what it was given."""
    given: list[object] = []
    writer = threading.Thread(target=lambda: given.append(mailbox.take(10)))
    writer.start()
    wait_until(lambda: mailbox._writer_idle, "an idle writer")
    yield given
    mailbox.wake()
    writer.join()


def test_an_idle_line_takes_frames_without_its_writer() -> None:
    mailbox, line = Mailbox(), Line()
    mailbox.send_directly(line.try_send)
    with waiting_writer(mailbox) as given:
        mailbox.put("board", "board 1")
        assert mailbox.alert(1, 5, "alert") and not mailbox.alert(1, 5, "alert")
        mailbox.put("board", "board 2")
    assert line.taken == ["board 1", "alert", "board 2"] and given == [None]


def test_while_the_writer_is_busy_nothing_overtakes_it() -> None:
    mailbox, line = Mailbox(), Line()
    mailbox.send_directly(line.try_send)
    mailbox.put("board", "board 1")
    assert mailbox.take(0) == "board 1"
    mailbox.put("board", "board 2")
    assert not line.taken and mailbox.take(0) == "board 2"


def test_what_the_line_does_not_take_waits_for_the_writer() -> None:
    mailbox, line = Mailbox(), Line()
    mailbox.send_directly(line.try_send)
    line.open = False
    with waiting_writer(mailbox) as given:
        mailbox.put("board", "board 1")
        line.open = True
    assert given == ["board 1"] and not line.taken


@pytest.mark.parametrize("stop", [lambda mailbox: mailbox.end(1012), lambda mailbox: mailbox.check_session()])
def test_nothing_is_delivered_past_an_end_or_a_doubt(stop: Callable[[Mailbox], None]) -> None:
    mailbox, line = Mailbox(), Line()
    mailbox.send_directly(line.try_send)
    with waiting_writer(mailbox), mailbox._changed:
        # Held, so that the writer cannot leave before the frame comes.
        stop(mailbox)
        mailbox.put("board", "board 1")
    assert not line.taken
