"""The native door: the core's lifecycle as a plugin that programs of every language use."""
