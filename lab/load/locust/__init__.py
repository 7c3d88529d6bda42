"""Locust as a second opinion: the journey of bidders by forms, and Locust's own HTML page."""
