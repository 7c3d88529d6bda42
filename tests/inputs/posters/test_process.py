"""Posters are decoded by a process of its own: bounded, cut off from all else, and not believed."""

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cashticket.catalogue import poster_process, posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding.limits import Limits, Unusable
from cashticket.catalogue.poster_process import NotStarted, PosterProcess
from cashticket.catalogue.poster_storing import NotStored
from lab.servers.processes import is_alive
from lab.waiting import wait_until
from tests.house.source import ROOT
from tests.inputs.posters.making import picture, quarters, saved

SMALL = saved(quarters(), "JPEG")


def never_ending_scans() -> bytes:
    """A JPEG of 16 million pixels that tells the finest detail of all of them two thousand times over."""
    whole = picture("L", (4_000, 4_000), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 2_000 + whole[-2:]


# What it may take


def test_a_poster_that_needs_more_memory_than_there_may_be_is_refused_and_the_next_is_taken() -> None:
    large = picture(size=(4_500, 4_500))
    with PosterProcess(Limits(memory_bytes=90_000_000)) as process:
        assert process.pictures(SMALL)
        with pytest.raises(Unusable, match="needs more memory"):
            process.pictures(large)
        assert process.pictures(SMALL)
    with PosterProcess() as process:
        assert process.pictures(large)


def test_a_poster_that_takes_too_much_of_a_processor_is_refused_and_the_next_is_taken() -> None:
    with PosterProcess(Limits(cpu_seconds=1, wall_seconds=300)) as process:
        with pytest.raises(Unusable, match="takes more than 1 seconds"):
            process.pictures(never_ending_scans())
        assert process.pid is None and process.pictures(SMALL)


def test_many_posters_may_together_take_more_than_one_may() -> None:
    content = picture(size=(2_500, 2_500))
    with PosterProcess(Limits(cpu_seconds=2, wall_seconds=300)) as process:
        while _cpu_seconds(process.pid) < 3:
            assert process.pictures(content)
        assert process.starts == 1


def _cpu_seconds(pid: int | None) -> float:
    if pid is None:
        return 0
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def test_a_process_that_stands_still_is_given_up_and_the_next_poster_is_taken() -> None:
    with PosterProcess(Limits(wall_seconds=5)) as process:
        assert process.pictures(SMALL) and process.pid
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(Unusable, match="takes more than"):
            process.pictures(SMALL)
        assert process.pictures(SMALL)


def test_a_process_that_was_killed_between_two_posters_is_the_fault_of_neither() -> None:
    with PosterProcess() as process:
        assert process.pictures(SMALL) and process.pid
        os.kill(process.pid, signal.SIGKILL)
        assert process.pictures(SMALL) and process.starts == 2


def test_hundreds_of_posters_good_and_bad_need_one_process() -> None:
    bad = (b"", SMALL[:-200], b"<svg/>", picture(size=(1, 9)))
    with PosterProcess() as process:
        for number in range(120):
            if number % 2:
                assert process.pictures(SMALL)
            else:
                with pytest.raises(Unusable):
                    process.pictures(bad[number // 2 % len(bad)])
        assert process.starts == 1


# What it has


@pytest.fixture
def started() -> Iterator[PosterProcess]:
    with PosterProcess() as process:
        assert process.pictures(SMALL)
        yield process


def test_it_has_no_settings_no_files_and_no_part_of_the_product(
    started: PosterProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = Path(f"/proc/{started.pid}")
    names = {each.partition(b"=")[0].decode() for each in (about / "environ").read_bytes().split(b"\0")}
    assert names - {""} == {"MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX"}
    assert {str(each.readlink()).split(":")[0] for each in (about / "fd").iterdir()} <= {"/dev/null", "socket"}
    assert not re.search(r"sqlalchemy|greenlet|argon2|cryptography|_ssl|mysql", (about / "maps").read_text())
    assert (about / "cwd").readlink() == Path("/") and os.getsid(started.pid or 0) == started.pid


def test_the_system_holds_it_to_its_limits(started: PosterProcess) -> None:
    limits = Path(f"/proc/{started.pid}/limits").read_text()
    for name, value in (("address space", 256_000_000), ("file size", 0), ("core file size", 0), ("open files", 32)):
        assert re.search(rf"Max {name} +{value} +{value} ", limits), name
    seconds = re.search(r"Max cpu time +(\d+) ", limits)
    assert seconds and 30 <= int(seconds[1]) <= 40


def test_it_ends_with_the_work_and_with_who_asked(started: PosterProcess) -> None:
    with PosterProcess() as process:
        assert process.pictures(SMALL)
        pid = process.pid
    assert pid and not is_alive(pid)
    code = (
        "import sys, time; from cashticket.catalogue.poster_process import PosterProcess\n"
        "with PosterProcess() as process:\n"
        "    process.pictures(sys.stdin.buffer.read()); print(process.pid, flush=True); time.sleep(600)"
    )
    asking = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert asking.stdin and asking.stdout
    with asking.stdout as output:
        asking.stdin.write(SMALL)
        asking.stdin.close()
        pid = int(output.readline())
        asking.kill()
        asking.wait()
    wait_until(lambda: not is_alive(pid), "the process has ended")


# What it answers

PRELUDE = """
import json, os, socket, struct, sys, time
connection = socket.socket(fileno=os.dup(0))
def say(answer, *contents):
    text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    connection.sendall(struct.pack(">I", len(text)) + text + b"".join(contents))
say({"ready": True})
connection.recv(4)
"""
WEBP = b"RIFF\0\0\0\0WEBP"
ANSWERS = {
    "nothing": "sys.exit()",
    "a crash": "os.abort()",
    "a killed process": "os.kill(os.getpid(), 9)",
    "no JSON": "say(b'<html>')",
    "no object": "say([1])",
    "nested brackets": "say(b'[' * 999)",
    "broken letters": "say(b'\\xff')",
    "an empty answer": "say(b'')",
    "an answer without an end": "connection.sendall(struct.pack('>I', 900) + b'{')",
    "an answer of four gigabytes": "connection.sendall(b'\\xff' * 4)",
    "neither of both": "say({})",
    "a refusal in many lines": "say({'refused': 'is bad.\\n\\x1b[31m'})",
    "a refusal that is no text": "say({'refused': ['is bad']})",
    "three pictures": "say({'pictures': [12] * 3}, WEBP * 3)",
    "pictures that do not come": "say({'pictures': [12] * 4}, WEBP)",
    "pictures of nothing": "say({'pictures': [0] * 4})",
    "pictures of less than nothing": "say({'pictures': [-1] * 4})",
    "pictures of a gigabyte": "say({'pictures': [10 ** 9] * 4})",
    "pictures of half a byte": "say({'pictures': [0.5] * 4})",
    "pages for pictures": "say({'pictures': [6] * 4}, b'<html>' * 4)",
    "no JPEG at the end": "say({'pictures': [12] * 4}, WEBP * 4)",
}


@contextmanager
def other_program(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> Iterator[None]:
    """Another program in place of ours, as if a file had taken it over."""
    folder.mkdir()
    (folder / "__main__.py").write_text(f"{PRELUDE}WEBP = {WEBP!r}\n{code}\nsys.exit()")
    monkeypatch.setattr(poster_process, "FOLDER", folder)
    yield
    monkeypatch.undo()


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_it_answers_is_a_refusal_of_the_file_and_nothing_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with other_program(monkeypatch, tmp_path / "program", ANSWERS[name]), PosterProcess() as process:
        with pytest.raises(NotPublishable, match=r"^The poster a\.png ends the program that decodes it; save.*\.$"):
            posters.keep(SMALL, "a.png", tmp_path / "posters", process)
        assert process.pid is None
    assert not (tmp_path / "posters").exists()
    assert posters.keep(SMALL, "a.png", tmp_path / "posters")


def test_an_answer_that_trickles_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "connection.sendall(struct.pack('>I', 900))\nwhile True:\n    connection.sendall(b' '); time.sleep(0.05)"
    with (
        other_program(monkeypatch, tmp_path / "program", code),
        PosterProcess(Limits(wall_seconds=1)) as process,
        pytest.raises(Unusable, match="takes more than"),
    ):
        process.pictures(SMALL)


def test_a_file_that_is_not_read_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        other_program(monkeypatch, tmp_path / "program", "time.sleep(600)"),
        PosterProcess(Limits(wall_seconds=1)) as process,
        pytest.raises(Unusable, match="takes more than"),
    ):
        process.pictures(SMALL.ljust(20_000_000, b"\0"))


@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false", "/bin/echo"])
def test_a_process_that_does_not_start_is_no_fault_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(NotStarted, match=r"^The process that decodes posters does not start; .*\?$"):
        posters.keep(SMALL, "a.png", tmp_path / "posters")


# What is stored


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that is full after so many bytes of a file."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_disk_that_is_full_after_some_pictures_keeps_none(tmp_path: Path, process: PosterProcess) -> None:
    content = saved(quarters((1_500, 1_900)), "JPEG")
    sizes = [len(each) for each in process.pictures(content)]
    with files_of_at_most(sorted(sizes)[-1] - 1), pytest.raises(NotStored, match=r"No poster can be stored in .*\.$"):
        posters.keep(content, "a.jpg", tmp_path / "posters", process)
    assert list((tmp_path / "posters").iterdir()) == []
    assert posters.keep(content, "a.jpg", tmp_path / "posters", process)


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path, process: PosterProcess) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotStored, match="Not a directory"):
        posters.keep(SMALL, "a.jpg", tmp_path / "file" / "posters", process)


@pytest.mark.parametrize("name", ["two\nlines.png", "\x1b[31mred.png", "left\u202eright.png"])
def test_a_name_is_shown_on_one_line_and_as_it_is(
    tmp_path: Path, process: PosterProcess, name: str, refusal: Callable[[bytes], str]
) -> None:
    with pytest.raises(NotPublishable) as caught:
        posters.keep(b"", name, tmp_path, process)
    assert str(caught.value).isprintable() and refusal(b"")
