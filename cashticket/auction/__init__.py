"""The law: what an auction is, as values and pure functions.

Standard library only: no clock, no input or output. Everything else obeys this room.
"""
