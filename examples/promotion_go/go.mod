module order-sync

go 1.25

require (
	example.com/pulumi-boomi/sdk/go v0.2.0
	github.com/pulumi/pulumi/sdk/v3 v3.256.0
)

replace example.com/pulumi-boomi/sdk/go => ./sdks/boomi
