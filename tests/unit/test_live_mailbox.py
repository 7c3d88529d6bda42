"""What waits for one socket, and in which order it is sent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cashticket.live.mailbox import ALERTS_MAX, CheckSession, Ended, Mailbox
from lab.waiting import wait_until


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def take_all(mailbox: Mailbox) -> list[object]:
    items = []
    while (item := mailbox.take(0)) is not None:
        items.append(item)
    return items


def test_only_the_newest_frame_of_a_piece_waits(mailbox: Mailbox) -> None:
    for version in range(3):
        mailbox.put("board", f"board {version}")
    mailbox.put("standing", "standing 1")
    assert take_all(mailbox) == ["board 2", "standing 1"]


def test_alerts_go_ahead_of_pieces_in_order(mailbox: Mailbox) -> None:
    mailbox.put("board", "board")
    mailbox.alert(1, 5, "first")
    mailbox.alert(1, 9, "second")
    assert take_all(mailbox) == ["first", "second", "board"]


def test_one_displacement_is_alerted_once(mailbox: Mailbox) -> None:
    assert mailbox.alert(1, 5, "first")
    assert not mailbox.alert(1, 5, "again")
    assert not mailbox.alert(1, 4, "older")
    assert mailbox.alert(2, 5, "another auction")
    assert take_all(mailbox) == ["first", "another auction"]


def test_unread_alerts_do_not_pile_up(mailbox: Mailbox) -> None:
    for sequence in range(1, 3 * ALERTS_MAX):
        mailbox.alert(1, sequence, f"alert {sequence}")
    waiting = take_all(mailbox)
    assert len(waiting) == ALERTS_MAX
    assert waiting[-1] == f"alert {3 * ALERTS_MAX - 1}"


def test_an_end_comes_before_everything_that_waits_and_keeps_its_first_code(mailbox: Mailbox) -> None:
    mailbox.put("board", "board")
    mailbox.end(1012)
    mailbox.end(1008)
    assert mailbox.take(0) == Ended(1012)


def test_a_session_is_checked_before_anything_else_is_sent(mailbox: Mailbox) -> None:
    mailbox.put("standing", "private")
    mailbox.check_session()
    assert take_all(mailbox) == [CheckSession(), "private"]


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


class Connection:
    """Takes frames while `open`, and records them."""

    def __init__(self) -> None:
        self.open = True
        self.sent: list[str] = []

    def try_send(self, frame: str) -> bool:
        if self.open:
            self.sent.append(frame)
        return self.open


@contextmanager
def waiting_writer(mailbox: Mailbox) -> Iterator[list[object]]:
    """Starts a writer that waits in `take`; the list gets what `take` returned."""
    returned: list[object] = []
    writer = threading.Thread(target=lambda: returned.append(mailbox.take(10)))
    writer.start()
    wait_until(lambda: mailbox._writer_idle, "an idle writer")
    yield returned
    mailbox.wake()
    writer.join()


def test_an_idle_connection_is_sent_frames_without_its_writer() -> None:
    mailbox, connection = Mailbox(), Connection()
    mailbox.send_directly(connection.try_send)
    with waiting_writer(mailbox) as returned:
        mailbox.put("board", "board 1")
        assert mailbox.alert(1, 5, "alert") and not mailbox.alert(1, 5, "alert")
        mailbox.put("board", "board 2")
    assert connection.sent == ["board 1", "alert", "board 2"] and returned == [None]


def test_nothing_overtakes_a_busy_writer() -> None:
    mailbox, connection = Mailbox(), Connection()
    mailbox.send_directly(connection.try_send)
    mailbox.put("board", "board 1")
    assert mailbox.take(0) == "board 1"
    mailbox.put("board", "board 2")
    assert not connection.sent and mailbox.take(0) == "board 2"


def test_a_frame_that_cannot_be_sent_directly_waits_for_the_writer() -> None:
    mailbox, connection = Mailbox(), Connection()
    mailbox.send_directly(connection.try_send)
    connection.open = False
    with waiting_writer(mailbox) as returned:
        mailbox.put("board", "board 1")
        connection.open = True
    assert returned == ["board 1"] and not connection.sent


@pytest.mark.parametrize("stop", [lambda mailbox: mailbox.end(1012), lambda mailbox: mailbox.check_session()])
def test_nothing_is_sent_directly_past_an_end_or_a_session_check(stop: Callable[[Mailbox], None]) -> None:
    mailbox, connection = Mailbox(), Connection()
    mailbox.send_directly(connection.try_send)
    with waiting_writer(mailbox), mailbox._changed:
        # The lock is held, so that the writer cannot return before the frame comes.
        stop(mailbox)
        mailbox.put("board", "board 1")
    assert not connection.sent
