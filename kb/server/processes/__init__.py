"""Hold the store and answer queries in child processes, without ever reading what clients send."""
