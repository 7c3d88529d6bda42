"""Attacks on the doors, and the protections that meet them; `docs/security.md` names the tests as proof."""
