"""THE HAMMER: who gets which seat, at what price, until when; and who comes next when a seat is freed.

Everything that touches the awards of a concert first locks the concert's row, so it happens one after the other.
"""
