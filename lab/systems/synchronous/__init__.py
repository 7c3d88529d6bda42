"""The product's engine with one difference: the request itself writes an accepted bid into the database before it
answers, instead of leaving that to the drain.

Import `SynchronousEngine`, `create_table` and `empty_table` from `engine`. The live store decides as in the product,
with its list of accepted bids, so the whole contract holds. Beside that list the request inserts a row, one statement
and one commit, on a pool of connections as large as the threads. It writes no fence and locks no row that another bid
needs, so inserts of several threads share flushes.
"""
