"""What people, files and other programs bring: each kind as a table of inputs, and with random ones."""
