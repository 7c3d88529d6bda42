"""Help, terms and everything else that says with whom one deals."""
