"""What an account says: what is read for a preview, many objects with one request, and look-ups."""
