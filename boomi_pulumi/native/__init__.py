"""The plugin: the core's lifecycle for programs of every language."""
