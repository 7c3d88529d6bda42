"""Guards and tools that every door shares: who asks, what is allowed, which language and form the answer has."""
