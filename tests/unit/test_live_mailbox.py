"""What waits for one socket."""

import threading

import pytest

from cashticket.live.mailbox import ALERTS_WAITING, Doubt, Ended, Mailbox


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
    for sequence in range(1, 3 * ALERTS_WAITING):
        mailbox.alert(1, sequence, f"alert {sequence}")
    waiting = everything(mailbox)
    assert len(waiting) == ALERTS_WAITING
    assert waiting[-1] == f"alert {3 * ALERTS_WAITING - 1}"


def test_the_end_comes_before_everything_that_waits_and_its_first_code_stands(mailbox: Mailbox) -> None:
    mailbox.put("board", "board")
    mailbox.end(1012)
    mailbox.end(1008)
    assert mailbox.take(0) == Ended(1012)


def test_a_doubted_session_is_checked_before_anything_is_sent(mailbox: Mailbox) -> None:
    mailbox.put("standing", "private")
    mailbox.doubt()
    assert everything(mailbox) == [Doubt(), "private"]


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
