"""Whether the service can be trusted: by those whose data it shows, and against those who want more of it."""
