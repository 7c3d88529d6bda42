"""The workflows run what somebody has read: actions by digest, least rights, and no text of others in a shell."""

import re

import pytest

from tests.house.source import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
USE = re.compile(r"uses: (\S+)@(\S+)(?: # (\S+))?$", re.MULTILINE)


def test_an_action_is_named_by_one_digest_everywhere() -> None:
    used = {match for path in WORKFLOWS for match in USE.findall(path.read_text(encoding="utf-8"))}
    assert used and all(re.fullmatch(r"[0-9a-f]{40}", digest) and release for _, digest, release in used)
    assert len({name for name, _, _ in used}) == len(used), "an action has two digests"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_the_code_and_nothing_else(path) -> None:  # type: ignore[no-untyped-def]
    rights = re.findall(r"^ *permissions:\n((?: +[a-z-]+: \w+\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [each.split() for each in rights] == [["contents:", "read"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_shell_gets_a_text_of_others_but_as_a_variable(path) -> None:  # type: ignore[no-untyped-def]
    text = path.read_text(encoding="utf-8")
    for script in re.findall(r"^( *)run: (.*(?:\n\1  .*)*)", text, re.MULTILINE):
        assert "${{" not in script[1]


def test_operations_says_of_each_job_and_of_each_part_of_an_installation_what_nobody_has_run() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = operations.partition("\n### Not yet run\n")[2].partition("\n## ")[0]
    for path in WORKFLOWS:
        jobs = re.findall(r"^  ([a-z]+):$", path.read_text(encoding="utf-8").partition("\njobs:\n")[2], re.MULTILINE)
        assert jobs and f"| `{path.name}`: {', '.join(f'`{job}`' for job in jobs)} |" in told
    for part in (ROOT / "deploy").iterdir():
        assert f"`deploy/{part.name}`" in told, part.name
