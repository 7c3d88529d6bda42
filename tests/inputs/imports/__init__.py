"""Files of concerts as people have them, each kind as a table of inputs."""
