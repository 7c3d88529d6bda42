"""Cuts the style sheet of Bootstrap down to what the pages use, and tells which classes pages and sheets name.

`python -m lab.styles` (`make styles`) writes `cashticket/static/bootstrap.css` from the vendored file. A house test
compares the two, so a template that uses one more class of Bootstrap fails until the sheet is written anew.
"""
