"""THE RECORD: stores every accepted bid as a row, exactly once, and reads these rows. It decides nothing."""
