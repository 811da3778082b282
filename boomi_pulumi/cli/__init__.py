"""The command `boomi-pulumi`, as the extra `cli`: what people and pipelines ask of an account, beside Pulumi."""
