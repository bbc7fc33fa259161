"""The whole system in one process on one port: for trying, for the demo, for tests."""
