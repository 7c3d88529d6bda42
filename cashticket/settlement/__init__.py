"""THE HAMMER: who gets which seat, at what price and until when, and who is offered a seat that is freed.

Every unit that changes awards of a concert first locks the concert's row, so these units run one after the other.
"""
