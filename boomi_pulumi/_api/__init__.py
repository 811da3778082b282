"""Boomi over HTTP: settings, errors, one request, retries, the client, filters and records. Knows no Pulumi."""
