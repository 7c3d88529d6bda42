"""Alarms: each rule was seen firing and silent, names figures that exist, and is explained where it says so."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from cashticket.blueprints.operator.figures import PREFIX
from cashticket.blueprints.operator.metrics import PARTS
from cashticket.blueprints.request.counters import REGISTRY
from tests.house.source import ROOT

OBSERVE = ROOT / "deploy" / "observe"
RULES = (OBSERVE / "alerts.yml").read_text(encoding="utf-8")
TESTS = (OBSERVE / "alerts_test.yml").read_text(encoding="utf-8")
DASHBOARD = json.loads((OBSERVE / "grafana" / "cashticket.json").read_text(encoding="utf-8"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
EYES = OPERATIONS.partition("\n## Eyes\n")[2].partition("\n## ")[0]
SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
ALERTS = {block.split("\n")[0]: block for block in RULES.split("- alert: ")[1:]}


def promtool(*arguments: str) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed, so no rule was tested: apt install prometheus")
    answer = subprocess.run(["promtool", *arguments], cwd=OBSERVE, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def figures() -> dict[str, tuple[str, ...]]:
    """The figures of `/metrics` by name, each with the names of its samples."""
    read = {PREFIX + figure.name: (PREFIX + figure.name,) for part in PARTS for figure in part.all_figures}
    counted = {family.name: tuple(family.name + end for end in SAMPLES[family.type]) for family in REGISTRY.collect()}
    return read | counted


def unknown_figures(text: str) -> set[str]:
    samples = {sample for of_one in figures().values() for sample in of_one}
    return set(re.findall(rf"{PREFIX}\w+", text)) - samples - figures().keys()


def references(block: str) -> list[str]:
    """The parts of operations.md that a rule leads to."""
    text = " ".join(block.split()).replace('\\"', '"')
    return re.findall(r'docs/operations\.md, "([^"]+)"', text)


def expressions() -> Iterator[str]:
    return (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])


def test_prometheus_takes_the_settings_with_the_rules() -> None:
    for name in ("prometheus.yml", "prometheus-host.yml"):
        promtool("check", "config", name)


def test_each_rule_fires_when_it_should_and_not_otherwise() -> None:
    promtool("test", "rules", "alerts_test.yml")


@pytest.mark.parametrize("name", ALERTS)
def test_each_rule_is_seen_silent_and_firing_and_silent_again(name: str) -> None:
    expected = re.findall(rf'alertname="{name}",alertstate="firing".*\n.*\n +exp_samples: (.*)', TESTS)
    assert expected == ["[]", "[{labels: '{}', value: 1}]", "[]"]


@pytest.mark.parametrize("name", ALERTS)
def test_each_rule_says_how_urgent_it_is_and_what_to_do(name: str) -> None:
    block = ALERTS[name]
    assert re.search(r"^ +labels: \{severity: (critical|warning)\}$", block, re.MULTILINE)
    assert re.search(r"^ +summary: \S", block, re.MULTILINE) and re.search(r"^ +description: \S", block, re.MULTILINE)
    [part] = references(block)
    places = (f"**{part}**", f'**"{part}"**', f"## {part}\n")
    assert any(place in OPERATIONS for place in places), f"operations.md has no part {part}"
    assert f"`{name}`" in EYES


def test_rules_and_dashboard_name_no_figure_that_does_not_exist() -> None:
    assert not unknown_figures(RULES) and not unknown_figures(TESTS)
    for expression in expressions():
        assert PREFIX in expression and not unknown_figures(expression)


def test_a_figure_that_does_not_exist_is_seen() -> None:
    assert unknown_figures("max(cashticket_bids_lost) > cashticket_bids_total") == {"cashticket_bids_lost"}


def test_every_figure_is_explained_and_no_other() -> None:
    table = "\n".join(line for line in EYES.splitlines() if line.startswith("| `"))
    explained = set(re.findall(rf"`({PREFIX}\w+)`", table))
    needed = {name + "_total" if samples[0].endswith("_total") else name for name, samples in figures().items()}
    assert explained == needed
    assert set(re.findall(r"`([A-Z]\w+[a-z])`", table)) - {"DISK_PATHS"} == set(ALERTS)


def test_the_dashboard_has_a_place_for_each_panel() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places) and len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
