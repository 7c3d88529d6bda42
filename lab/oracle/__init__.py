"""The rules of docs/rules.md, stated a second time to judge the product by. Imports nothing of the product.

Checkers, state machine and settlement model use this one statement, so a rule changes here and in
`cashticket.auction.rules`. Moments are whole milliseconds, money is whole won.
"""
