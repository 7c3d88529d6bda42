"""What people and files bring: each kind as a table of inputs, and with random ones."""
