"""The command `boomi-pulumi`."""
