// Command promotion is one program with one stack per environment: `dev` makes the package, the others deploy that
// very package.
package main

import (
	"fmt"

	"example.com/pulumi-boomi/sdk/go/boomi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		environment, err := boomi.GetEnvironment(ctx, &boomi.GetEnvironmentArgs{
			Name: pulumi.StringRef(settings.Require("environment")),
		})
		if err != nil {
			return err
		}
		wanted := &boomi.DeployedPackageArgs{EnvironmentId: pulumi.String(environment.Id)}
		if from := settings.Get("promoteFrom"); from != "" {
			wanted.PackageId, err = promoted(ctx, from)
		} else {
			wanted.Package, err = made(ctx, settings.Require("packageVersion"))
		}
		if err != nil {
			return err
		}
		deployment, err := boomi.NewDeployedPackage(ctx, "order-sync", wanted)
		if err != nil {
			return err
		}
		ctx.Export("packageId", deployment.PackageId)
		return nil
	})
}

// made packages the newest revision; a release outlives the stack that made it.
func made(ctx *pulumi.Context, version string) (*boomi.PackagedComponent, error) {
	component, err := boomi.GetComponent(ctx, &boomi.GetComponentArgs{
		Name: pulumi.StringRef("Order Sync"), Type: pulumi.StringRef("process"), Folder: pulumi.StringRef("Sales/Orders"),
	})
	if err != nil {
		return nil, err
	}
	return boomi.NewPackagedComponent(ctx, "order-sync", &boomi.PackagedComponentArgs{
		ComponentId: pulumi.String(component.ComponentId), PackageVersion: pulumi.String(version),
	}, pulumi.RetainOnDelete(true))
}

// promoted returns the id of the package that the stack of another environment runs.
func promoted(ctx *pulumi.Context, from string) (pulumi.StringPtrInput, error) {
	name := fmt.Sprintf("%s/%s/%s", ctx.Organization(), ctx.Project(), from)
	upstream, err := pulumi.NewStackReference(ctx, name, nil)
	if err != nil {
		return nil, err
	}
	running, err := upstream.GetOutputDetails("packageId")
	if err != nil {
		return nil, err
	}
	id, ok := running.Value.(string)
	if !ok {
		return nil, fmt.Errorf("stack %s runs nothing yet: run `pulumi up` there first", name)
	}
	return pulumi.StringPtr(id), nil
}
