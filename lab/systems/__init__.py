"""Systems to compare: complete ways of running an auction, each behind the interface of the product's engine."""
