"""Tables of inputs that the product meets and did not make itself: each with what must be true of it."""
