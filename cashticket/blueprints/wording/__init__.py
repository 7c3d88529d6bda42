"""Texts of answers and the formats of money and moments. Facts come in, sentences go out."""
