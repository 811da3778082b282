"""Check, diff, create, update, read and delete, for any kind; knows no SDK of Pulumi, and no object of Boomi."""
