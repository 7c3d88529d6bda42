"""Files from anywhere: what people and programs hand in is taken whole or refused in a sentence."""
