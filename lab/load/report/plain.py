"""The result in a few sentences without technical terms, in English and Korean, each with the numbers of raw files."""

from collections.abc import Sequence

from lab.load.report.overview import OURS, ROLES, Comparison

ONE_COMPUTER = """\
Everything ran on one computer with {cores} processor cores, the pretended visitors included. So the ratios say more \
than the numbers: a larger computer holds more of everything."""
ONE_COMPUTER_KOREAN = """\
방문자를 흉내 내는 프로그램까지 모두 코어 {cores}개짜리 컴퓨터 한 대에서 돌렸습니다. 그래서 숫자보다 비율이 \
더 많은 것을 말해 줍니다. 더 큰 컴퓨터에서는 모두 더 많이 감당합니다."""
RULE = "A system holds a load if 95 of 100 visitors wait at most half a second and at most 1 of 100 gets an error."
RULE_KOREAN = "100명 중 95명이 0.5초 안에 답을 받고 오류가 100번에 1번 이하이면 그 양을 감당한다고 봅니다."
KEPT = "In none of these runs was an accepted bid lost or counted twice."
KEPT_KOREAN = "어느 측정에서도 받은 입찰이 사라지거나 두 번 세어지지 않았습니다."
BROKEN = "Promises were broken in these runs, so the numbers must not be used."
BROKEN_KOREAN = "이 측정에서는 약속이 깨졌으므로 이 숫자를 쓰면 안 됩니다."


def sentences(
    comparisons: Sequence[Comparison], cores: Sequence[int], broken: int, others: Sequence[tuple[str, str]] = ()
) -> tuple[list[str], list[str]]:
    """The result as sentences in English and in Korean. `cores`: of the machines that measured. `broken` counts broken
    promises. `others`: sentences beside the comparisons, in both languages."""
    pairs = [*(pair for each in comparisons if (pair := _compared(each))), *others]
    pairs += [(RULE, RULE_KOREAN), (BROKEN, BROKEN_KOREAN) if broken else (KEPT, KEPT_KOREAN)]
    counted = ", ".join(str(each) for each in sorted(set(cores)))
    pairs.append((ONE_COMPUTER.format(cores=counted), ONE_COMPUTER_KOREAN.format(cores=counted)))
    return [english for english, _ in pairs], [korean for _, korean in pairs]


def _compared(each: Comparison) -> tuple[str, str] | None:
    """One situation: how much one server holds at best, how much this architecture."""
    best = max(
        (role for role in ROLES if role != OURS and each.held(role)), key=lambda role: each.held(role) or 0, default=""
    )
    ours, theirs = each.held(OURS), each.held(best) if best else None
    if not ours or not theirs:
        return None
    unit, rate = each.scenario.unit, each.scenario.korean_rate
    english = f"{each.english}, one server holds {theirs:,} {unit} at best, this architecture {ours:,}"
    korean = f"{each.korean} 서버 한 대는 많아야 {rate.format(rate=f'{theirs:,}')}, 이 구조는 "
    korean += f"{rate.format(rate=f'{ours:,}')} 감당합니다"
    ratio = each.ratio(best)
    if ratio is None:
        return f"{english}.", f"{korean}."
    return f"{english}: {_words(ratio, 'en')} as much.", f"{korean}({_words(ratio, 'ko')})."


def _words(ratio: str, language: str) -> str:
    """A ratio in words, with `≥` and `≤` spelled out."""
    sign, number = ratio[0], ratio.lstrip("≥≤ ")
    if language == "ko":
        return {"≥": f"{number}배 이상", "≤": f"{number}배 이하"}.get(sign, f"{number}배")
    return {"≥": f"at least {number} times", "≤": f"at most {number} times"}.get(sign, f"{number} times")
