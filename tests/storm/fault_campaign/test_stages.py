"""A wait that was too long is explained by what stood in its way."""

from lab.history import OK, Operation
from tests.storm.fault_campaign.stages import NS, explanation


def at(seconds: float, what: str, question: dict[str, object], answer: dict[str, object]) -> Operation:
    moment = int(seconds * NS)
    return Operation("probe", what, question, moment, OK, answer, moment)


def test_what_lasted_longest_is_named_first_and_other_faults_after_it() -> None:
    operations = [
        at(0.0, "stage", {}, {"stages": []}),
        at(1.0, "stage", {}, {"stages": ["live store away", "process start of live-store"]}),
        at(2.0, "stage", {}, {"stages": ["check and witness"]}),
        at(4.5, "fault", {"kind": "kill watch"}, {}),
        at(6.0, "stage", {}, {"stages": []}),
    ]
    assert explanation(operations, 1 * NS, 7 * NS) == (
        "check and witness 4.0 s, live store away 1.0 s, process start of live-store 1.0 s, then kill watch after 3.5 s"
    )
    assert explanation(operations, 5 * NS, 6 * NS) == "check and witness 1.0 s"
    assert explanation([], 1 * NS, 7 * NS) == explanation(operations, 0, 1 * NS)
    assert explanation(operations, 6 * NS, 7 * NS) == "nothing was down, paused or failing: the machine was busy"
