"""What each tier has to carry at the three busiest moments of a sale: before the opening, in the last minute, after."""

from dataclasses import dataclass
from math import ceil

from cashticket.capacity.costs import Costs
from cashticket.capacity.crowd import Crowd, Peaks, peaks_of

OPENING, LAST_MINUTE, RESULT = "opening", "last minute", "result"
GIB = 1024**3
WORKERS_MIN = 4
SMALL_AUCTION_SEATS = 20
"""Frames were measured in an auction of so many seats; the board of a larger one is longer."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a tier uses at one moment: cores, memory in GiB, network in Mbit a second."""

    moment: str
    cores: float
    memory_gib: float = 0.0
    network_mbit: float = 0.0


def live_processes(sockets: float, costs: Costs, limit: float) -> int:
    """Processes of the live service for so many sockets, each at `limit` of what one was measured to hold."""
    return max(1, ceil(sockets / (costs.value["live_sockets_a_process"] * limit)))


def loads(crowd: Crowd, costs: Costs, limit: float) -> dict[str, list[Load]]:
    """The loads of every tier, a list with one for each moment at which it works."""
    peaks, value = peaks_of(crowd), costs.value
    lives = live_processes(peaks.sockets, costs, limit)
    return {
        "nginx": _nginx(crowd, peaks, costs, lives),
        "web": _web(peaks, costs),
        "live": [_live(crowd, peaks, costs, lives)],
        "live store": _store(crowd, peaks, costs, lives),
        # The lab had one store for both, so each is given all that it used.
        "queue store": [Load(LAST_MINUTE, _bids(costs, "live store", crowd, peaks), value["store_base_mib"] / 1024)],
        "workers": [
            Load(LAST_MINUTE, _bids(costs, "workers", crowd, peaks), WORKERS_MIN * value["process_mib"] / 1024)
        ],
        "database": _database(crowd, peaks, costs),
    }


def _bids(costs: Costs, tier: str, crowd: Crowd, peaks: Peaks) -> float:
    """Cores for the bids of all auctions, each at its own rate."""
    return crowd.auctions * costs.most_bid_cores(tier, peaks.auction_bids)


def _web(peaks: Peaks, costs: Costs) -> list[Load]:
    value = costs.value
    requests_ms = 3 * value["web_request_ms"]
    sign_in_ms = value["web_form_ms"] + value["web_sign_in_ms"] + value["web_own_part_ms"] + requests_ms
    # A person reviews a bid first, and gets the own part with the answer.
    bid_ms = value["web_review_ms"] + value["web_bid_ms"] + 2 * value["web_request_ms"]
    cores = {
        OPENING: peaks.sign_ins * sign_in_ms / 1000,
        LAST_MINUTE: peaks.bids * bid_ms / 1000,
        RESULT: peaks.outcomes * value["web_outcome_ms"] / 1000,
    }
    return [Load(moment, used, max(1, ceil(used)) * value["process_mib"] / 1024) for moment, used in cores.items()]


def _live(crowd: Crowd, peaks: Peaks, costs: Costs, lives: int) -> Load:
    """A live process uses its whole core while bids come: with fewer sockets it sends fresher boards."""
    value = costs.value
    memory = lives * value["process_mib"] / 1024 + peaks.sockets * value["live_socket_kb"] * 1024 / GIB
    return Load(LAST_MINUTE, float(lives), memory, _frames_mbit(crowd, costs, peaks, lives))


def frames_a_second(costs: Costs, peaks: Peaks, lives: int) -> float:
    """Frames that all live processes send. Each sends as many as its core can, up to a tick for each socket."""
    value = costs.value
    a_socket = min(value["live_ticks_most"], value["live_frames_a_process"] * lives / max(1.0, peaks.sockets))
    return a_socket * peaks.sockets


def _frames_mbit(crowd: Crowd, costs: Costs, peaks: Peaks, lives: int) -> float:
    is_small = crowd.seats <= SMALL_AUCTION_SEATS
    size = costs.value["board_bytes_small" if is_small else "board_bytes_large"]
    return frames_a_second(costs, peaks, lives) * size * 8 / 1e6


def _nginx(crowd: Crowd, peaks: Peaks, costs: Costs, lives: int) -> list[Load]:
    value = costs.value
    pages = peaks.pages * value["page_bytes"] + peaks.first_visits * value["files_bytes"]
    opening = peaks.pages * value["nginx_page_ms"] + 3 * peaks.sign_ins * value["nginx_request_ms"]
    frames = frames_a_second(costs, peaks, lives) * value["nginx_frame_ms"]
    bids = 2 * peaks.bids * value["nginx_request_ms"]
    memory = 2 * peaks.sockets * value["nginx_connection_kb"] * 1024 / GIB
    return [
        Load(OPENING, opening / 1000, 0.0, pages * 8 / 1e6),
        Load(LAST_MINUTE, (frames + bids) / 1000, memory, _frames_mbit(crowd, costs, peaks, lives)),
        Load(
            RESULT,
            peaks.outcomes * value["nginx_outcome_ms"] / 1000,
            0.0,
            peaks.outcomes * value["page_bytes"] * 8 / 1e6,
        ),
    ]


def _store(crowd: Crowd, peaks: Peaks, costs: Costs, lives: int) -> list[Load]:
    value = costs.value
    sign_in_ms = value["store_form_ms"] + value["store_sign_in_ms"] + value["store_own_part_ms"]
    memory = crowd.fans * crowd.bidding * value["store_bytes_a_bidder"] / GIB
    # A store that writes its log anew may for a while need its memory twice.
    memory = 2 * memory + value["store_base_mib"] / 1024
    last = _bids(costs, "live store", crowd, peaks) + store_extra_cores(crowd, peaks, costs, lives)
    return [Load(OPENING, peaks.sign_ins * sign_in_ms / 1000, memory), Load(LAST_MINUTE, last, memory)]


def store_extra_cores(crowd: Crowd, peaks: Peaks, costs: Costs, lives: int) -> float:
    """Cores of the live store beside the bids themselves: their news for each live process and worker, the looks of
    live processes at the boards, and what people look at for a bid."""
    value = costs.value
    news_ms = peaks.bids * (lives + WORKERS_MIN) * value["store_news_copy_ms"]
    ticks = frames_a_second(costs, peaks, lives) / max(1.0, peaks.sockets)
    boards_ms = lives * crowd.auctions * min(ticks, max(1.0, peaks.auction_bids)) * value["store_board_ms"]
    people_ms = peaks.bids * (value["store_review_ms"] + max(0.0, value["store_bid_ms"] - value["store_json_bid_ms"]))
    return (news_ms + boards_ms + people_ms) / 1000


def _database(crowd: Crowd, peaks: Peaks, costs: Costs) -> list[Load]:
    value = costs.value
    sign_in_ms = value["database_form_ms"] + value["database_sign_in_ms"] + value["database_own_part_ms"]
    people_ms = value["database_review_ms"] + value["database_bid_ms"]
    rows = crowd.fans * crowd.bidding * crowd.bids_each
    memory = value["database_base_mib"] / 1024 + rows * value["database_bytes_a_bid"] / GIB
    last = _bids(costs, "database", crowd, peaks) + peaks.bids * people_ms / 1000
    return [
        Load(OPENING, peaks.sign_ins * sign_in_ms / 1000, memory),
        Load(LAST_MINUTE, last, memory),
        Load(RESULT, peaks.outcomes * value["database_outcome_ms"] / 1000, memory),
    ]
