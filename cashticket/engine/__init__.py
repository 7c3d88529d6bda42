"""The ring: decides live bids, each in one atomic step.

`interface` states the verbs, `redis_engine` carries them out on the live store, `memory_engine` says in plain Python
what they mean.
"""
