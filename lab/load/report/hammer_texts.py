"""What a report says about the end of a large auction, beside its figures."""

from lab.load.hammer_figures import HammerFigures, demands

LOAD = (
    "The large auction was filled in bulk. Bids come in it until two seconds after its end, and in another auction "
    "all the while, half of the rate each. From the end on the result is read at a fixed rate: the first page (60 %), "
    "other pages (15 %), the own outcome (20 %) and the own standing (5 %). Reads count from the first result on; "
    "before it they lead to the auction page. The timeline has the bids of both auctions; late ones are refused."
)
ALONE = (
    "This architecture alone is driven: the systems that decide in the database settle and show results with the "
    "same code, on the same tables, so that they would compare nothing."
)
CHECKED = (
    "The other auction goes through the checkers, the large one through the product's own check, whole: the checkers "
    "would have to know who sent the bids that were made in bulk. Lost and doubled bids are counted in both."
)
METHOD = (LOAD, ALONE, CHECKED)


def english(figures: HammerFigures) -> str:
    """The result in some sentences."""
    first = "no result was read"
    if figures.first_result_s is not None:
        first = f"the first result was read {figures.first_result_s:.1f} s after the end"
    missed = [each.name for each in demands(figures) if each.met is False]
    return (
        f"With {figures.bidders:,} bidders and {figures.seats:,} seats {first}, and all was settled after "
        f"{figures.settled_s:.1f} s; {figures.reads_per_second:,.0f} reads a second were answered, p99 "
        f"{figures.reads_p99_ms:,.0f} ms. " + (f"Not met: {'; '.join(missed)}." if missed else "Every demand is met.")
    )


def korean(figures: HammerFigures) -> str:
    """The result in some sentences, in Korean."""
    first = "결과를 읽지 못했고"
    if figures.first_result_s is not None:
        first = f"{figures.first_result_s:.1f}초 뒤 첫 결과가 보였고"
    missed = sum(each.met is False for each in demands(figures))
    verdict = f"요구 조건 가운데 {missed}개를 채우지 못했습니다." if missed else "요구 조건을 모두 채웠습니다."
    return (
        f"입찰자 {figures.bidders:,}명, 좌석 {figures.seats:,}석에서 마감 {first} "
        f"{figures.settled_s:.1f}초 뒤 정산이 끝났습니다. "
        f"결과 조회는 초당 {figures.reads_per_second:,.0f}건, p99 {figures.reads_p99_ms:,.0f}ms였습니다. {verdict}"
    )
