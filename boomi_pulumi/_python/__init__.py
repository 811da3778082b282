"""How a Python program reaches the lifecycle: the dynamic provider, accounts, values, threads of the SDK."""
