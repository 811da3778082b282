"""`boomi-pulumi live`: the laws and the guesses of this project, tried inside one component and one environment."""
