"""Pulumi's lifecycle over Boomi's objects, for any kind, for Python and the plugin alike. Knows no SDK of Pulumi."""
