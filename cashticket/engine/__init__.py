"""The ring: where live bids are decided, one atomic step each.

`interface` states the verbs, `memory_engine` is their executable meaning, `redis_engine` the real thing.
"""
