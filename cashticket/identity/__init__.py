"""THE PASS: proving a phone."""
