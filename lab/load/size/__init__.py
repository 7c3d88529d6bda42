"""What a bid costs the server that decides it when 1,000, 10,000, 100,000 or 1,000,000 bids stand in the auction.

points      what was measured, and its raw file
standing    bulk filling: the live store, and the tables of the row lock
measuring   one measurement: processor time of the deciding server per accepted bid
command     `flask lab run size`
"""
