"""What each idea brings: table, sentences and picture of the steps between one server and this architecture."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from lab.load.figures import SystemFigures
from lab.load.report import tables
from lab.load.report.plot import text
from lab.load.systems import ARCHITECTURE, FRONT, MICRO_CACHE, QUEUE, ROW_LOCK, STEPS, SYNCHRONOUS, SYSTEMS

IDEAS = {
    SYNCHRONOUS.name: "The decision in the live store, with a row that the request inserts",
    QUEUE.name: "The queue, from which workers record many bids at once",
    FRONT.name: "nginx with a second web process",
    MICRO_CACHE.name: "The micro-cache",
    ARCHITECTURE.name: "Pushing by sockets in place of polling",
}
OF_PAGES = (MICRO_CACHE.name, ARCHITECTURE.name)
"""Steps that change nothing where nobody asks for pages."""

UNUSED = "bids alone do not use it, so the same system was measured twice"
UNTOLD = "nothing can be told, because with it or before it no rate was held."
CLIENT_BOUND = "The client may have been the limit of one of them, so this is not the factor of the systems."
RULE = (
    "A step brings something when it holds a rate at which the step before choked, and costs something when it chokes "
    "at a rate that the step before held. Anything else is within the precision of the search. B to E are driven once."
)
WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 760, 16, 300, 44, 46, 16
COLOUR, GREY = "#1f5fbf", "#4b5563"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and the one before it: None for the first, and where that one was not measured."""

    system: SystemFigures
    before: SystemFigures | None

    @property
    def factor(self) -> float | None:
        """How many times the rate of the step before it holds; None when one of them held none."""
        held, before = self.system.knee.held, self.before and self.before.knee.held
        return held / before if held and before else None


def has_steps(systems: Sequence[SystemFigures]) -> bool:
    """Whether steps were driven, not only the systems of every run."""
    return any(each.name in STEPS and each.name not in SYSTEMS for each in systems)


def steps(systems: Sequence[SystemFigures]) -> list[Step]:
    """The measured steps in their order."""
    measured = {each.name: each for each in systems}
    names = list(STEPS)
    pairs = zip(names, ["", *names], strict=False)
    return [Step(measured[name], measured.get(before)) for name, before in pairs if name in measured]


def table(systems: Sequence[SystemFigures]) -> tables.Table:
    """A row for each step: its knee, against the step before and the first, and its processor time by part."""
    found = steps(systems)
    used = [each.system.best.cpu_ms if each.system.best else {} for each in found]
    parts = list(dict.fromkeys(chain.from_iterable(used)))
    cost_of = found[0].system.scenario.cost_of
    head = ("step", "holds", "against the step before", "against A", f"CPU per {cost_of}")
    first = next((each.system for each in found if each.system.name == ROW_LOCK.name), None)
    rows = []
    for each, cpu_ms in zip(found, used, strict=True):
        together = tables.cpu(sum(cpu_ms.values())) if cpu_ms else tables.NONE
        cells = [tables.cpu(cpu_ms[part]) if part in cpu_ms else tables.NONE for part in parts]
        against_first = Step(each.system, first if each.system is not first else None)
        rows.append((each.system.facts["title"], _held(each), _times(each), _times(against_first), together, *cells))
    return (*head, *(f"of it: {part}" for part in parts)), rows


def sentences(systems: Sequence[SystemFigures]) -> list[str]:
    """What each step brings by the figures, in a sentence or two."""
    return [_sentence(each.system, each.before) for each in steps(systems) if each.before]


def _sentence(system: SystemFigures, before: SystemFigures) -> str:
    idea, rate = IDEAS[system.name], system.scenario.rate
    held, held_before, choked_before = system.knee.held, before.knee.held, before.knee.choked
    if held is None or held_before is None:
        return f"{idea}: {UNTOLD}"
    figures = f"{rate(held_before)} before, {rate(held)} with it"
    if choked_before is not None and held >= choked_before:
        effect = f"brings {held / held_before:.2f} ×: {figures}."
    elif system.knee.choked is not None and system.knee.choked <= held_before:
        effect = f"costs, with {held / held_before:.2f} × of what was held: {figures}."
    else:
        effect = f"brings nothing that this run can tell: {figures}."
    sentence = f"{idea} {effect}"
    if system.scenario.counts_bids and system.name in OF_PAGES:
        sentence = f"{idea}: {UNUSED}: {figures}."
    is_bound = system.knee.client_bound or before.knee.client_bound
    return f"{sentence} {CLIENT_BOUND}" if is_bound else sentence


def picture(systems: Sequence[SystemFigures]) -> str:
    """The knee of each step as a bar, with its factor against the step before, as SVG."""
    found = steps(systems)
    highest = max((each.system.knee.held or 0 for each in found), default=0) or 1
    height = TOP + ROW * len(found)
    parts = [text(LEFT, 24, f"What each step holds ({found[0].system.scenario.unit})", weight=700)]
    for number, each in enumerate(found):
        top = TOP + ROW * number
        width = (WIDTH - LEFT - RIGHT) * (each.system.knee.held or 0) / highest
        parts.append(text(LEFT, top + 12, each.system.facts["title"]))
        parts.append(f'<rect x="{LEFT}" y="{top + 18}" width="{width:.1f}" height="{BAR}" fill="{COLOUR}"/>')
        factor = f"  ({_times(each)} the step before)" if each.factor else ""
        parts.append(text(LEFT + width + 8, top + 18 + BAR - 4, f"{_held(each)}{factor}", fill=GREY))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
    label = 'font-size="13" role="img" aria-label="what each step holds"'
    return "\n".join([f"{head} {label}>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


def _held(step: Step) -> str:
    held = step.system.knee.held
    return tables.NONE if held is None else step.system.scenario.rate(held)


def _times(step: Step) -> str:
    return tables.NONE if step.factor is None else f"{step.factor:.2f} ×"
