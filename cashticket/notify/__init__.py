"""THE POST: mail, and the texts of what people are told."""
