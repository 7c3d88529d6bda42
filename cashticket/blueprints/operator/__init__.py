"""Pages for operators and their programs: liveness, readiness and figures."""
