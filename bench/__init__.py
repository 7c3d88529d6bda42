"""Measurements. Never imported by the product."""
