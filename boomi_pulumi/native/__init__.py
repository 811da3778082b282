"""The plugin: the lifecycle for programs of every language."""
