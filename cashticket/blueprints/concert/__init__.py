"""Concert pages: the home page, the catalogue and one concert."""
