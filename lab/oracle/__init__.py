"""The rules of docs/rules.md stated a second time, to judge the product by. Imports nothing of the product.

Checkers, the state machine and the settlement model use this one statement, so a rule that changes, changes here and in
`cashticket.auction.rules`. Moments are whole milliseconds, money is whole won.
"""
