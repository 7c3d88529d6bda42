"""Reads the newest session epoch of each person from the auctions' own hashes.

Ending a session introduces the person again to every open auction, so a hub finds the new epoch here without SQL.
"""

from collections.abc import Collection, Mapping

import redis

from cashticket import redis_keys


def newest_epochs(client: redis.Redis, people: Mapping[int, Collection[int]]) -> dict[int, int]:
    """Person → epoch for the people of each auction, in one round trip. Raises redis.RedisError."""
    people_by_auction = [(auction_id, sorted(persons)) for auction_id, persons in people.items() if persons]
    if not people_by_auction:
        return {}
    pipeline = client.pipeline(transaction=False)
    for auction_id, persons in people_by_auction:
        pipeline.hmget(redis_keys.people(auction_id), [str(person) for person in persons])
    newest: dict[int, int] = {}
    for (_, persons), entries in zip(people_by_auction, pipeline.execute(), strict=True):
        for person, entry in zip(persons, entries, strict=True):
            if entry:
                newest[person] = max(newest.get(person, 0), int(entry.split(":")[1]))
    return newest
