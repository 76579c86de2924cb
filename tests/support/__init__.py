"""What the integration tests and the demo stand on: sinks, directories, the relay, clients."""
