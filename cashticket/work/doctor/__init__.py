"""What `flask ops doctor` looks at: each part of an installation, what was seen of it, and how to mend it. It only
reads."""
