"""A process that answers bids and witnesses them, as a web process does: `python -m tests.storm.going_back.answering`.

For each line `AUCTION PERSON AMOUNT` of its standard input it places a bid and prints the answer as JSON.
"""

import json
import sys
from dataclasses import asdict

from cashticket import create_app
from cashticket.auction.values import Accepted
from cashticket.wiring import current_engine, current_witness


def main() -> None:
    with create_app().app_context():
        engine, witness = current_engine(), current_witness()
        witness.start("web", engine)
        for order in sys.stdin:
            auction, person, amount = map(int, order.split())
            answer = engine.place_bid(auction, person, 1, amount, f"{person}-{amount}")
            print(json.dumps(asdict(answer) if isinstance(answer, Accepted) else repr(answer)), flush=True)
        witness.stop()


if __name__ == "__main__":
    main()
