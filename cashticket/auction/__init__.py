"""The law: the rules of auctions, as values and pure functions.

Standard library only: no clock, no input or output. Every other room may import this one.
"""
