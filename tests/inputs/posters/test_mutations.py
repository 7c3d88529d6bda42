"""A thousand posters with something wrong in them: each is stored whole or refused with a sentence, in bounded memory.

A plain run has a share of them, always the same. CASHTICKET_TRIALS=all has all.
"""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding.limits import ENDINGS, MEMORY_BYTES
from cashticket.catalogue.poster_process import PosterProcess
from tests.inputs.posters.mutating import BASES, joined, mutated, split
from tests.inputs.posters.test_sizes import memory_of

SHARE, ALL = 300, 1_000


@pytest.mark.parametrize("kind", BASES)
def test_what_is_taken_apart_and_joined_again_is_taken(process: PosterProcess, kind: str) -> None:
    assert joined(kind, split(BASES[kind])) == BASES[kind] or kind == "JPEG of two"
    assert process.pictures(joined(kind, split(BASES[kind])))


def test_a_share_of_the_mutated_posters_is_stored_whole_or_refused(tmp_path: Path) -> None:
    tally = _judge_all(SHARE, tmp_path)
    assert sum(tally.values()) >= SHARE


@pytest.mark.slow
@pytest.mark.trial
@pytest.mark.timeout(3_600)
def test_a_thousand_mutated_posters_are_stored_whole_or_refused(tmp_path: Path) -> None:
    tally = _judge_all(ALL, tmp_path)
    assert sum(tally.values()) >= ALL
    missing = [f"{kind}: {end}" for kind in BASES for end in ("stored", "refused") if not tally[f"{kind}: {end}"]]
    assert not missing


def _judge_all(count: int, folder: Path) -> Counter[str]:
    """Judge so many, and count what became of each kind."""
    tally: Counter[str] = Counter()
    most = 0
    with PosterProcess() as process:

        @settings(
            max_examples=count, derandomize=True, database=None, suppress_health_check=list(HealthCheck), deadline=None
        )
        @given(mutated())
        def judge(case: tuple[str, bytes]) -> None:
            nonlocal most
            kind, content = case
            tally[f"{kind}: {_judged(content, folder / 'posters', process)}"] += 1
            if process.pid:
                most = max(most, *memory_of(process))

        judge()
        print(f"{dict(sorted(tally.items()))}, {process.starts} processes, {most:,} bytes")
    assert most <= MEMORY_BYTES
    return tally


def _judged(content: bytes, folder: Path, process: PosterProcess) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        stem = posters.keep(content, "poster.png", folder, process)
    except NotPublishable as error:
        sentence = str(error)
        assert sentence.startswith("The poster poster.png ") and sentence.endswith(".") and sentence.isprintable()
        assert not folder.exists()
        return "refused"
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{stem}-{ending}" for ending in ENDINGS)
    for path in folder.iterdir():
        with Image.open(path) as stored:
            stored.load()
            assert min(stored.size) > 60 and not stored.getexif()
    return "stored"
