"""THE ENTRANCE: one reading of what people and files bring: texts, numbers, amounts, dates. Knows the ground alone."""
