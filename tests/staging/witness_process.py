"""A process that bids and witnesses its bids in files: `python -m tests.staging.witness_process STORE_URL FOLDER`.

It places a bid for each line `PERSON AMOUNT` of its standard input and prints the sequence.
"""

import sys
from pathlib import Path

from cashticket.auction.values import Accepted
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.witness.file_shelf import FileShelf
from cashticket.witness.writer import Witness
from tests.staging.engine import AUCTION, OPENS


def main(url: str, folder: str) -> None:
    witness = Witness(lambda kind: FileShelf(Path(folder), kind))
    engine = RedisEngine(connect(url), on_accepted=witness.note)
    witness.start("child", engine)
    for order in sys.stdin:
        person, amount = map(int, order.split())
        answer = engine.place_bid(AUCTION, person, 1, amount, f"{person}-{amount}", OPENS)
        print(answer.sequence if isinstance(answer, Accepted) else answer, flush=True)
    witness.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
