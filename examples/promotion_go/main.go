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
		process, err := boomi.GetComponent(ctx, &boomi.GetComponentArgs{
			Name: pulumi.StringRef("Order Sync"), Type: pulumi.StringRef("process"), Folder: pulumi.StringRef("Sales/Orders"),
		})
		if err != nil {
			return err
		}
		environment, err := boomi.GetEnvironment(ctx, &boomi.GetEnvironmentArgs{
			Name: pulumi.StringRef(settings.Require("environment")),
		})
		if err != nil {
			return err
		}
		runtime, err := boomi.GetRuntime(ctx, &boomi.GetRuntimeArgs{EnvironmentId: &environment.Id})
		if err != nil {
			return err
		}

		// What goes out: a new package, or the one that the stack before this one deployed.
		wanted := &boomi.DeployedPackageArgs{EnvironmentId: pulumi.String(environment.Id)}
		if from := settings.Get("promoteFrom"); from == "" {
			wanted.Package, err = made(ctx, settings, process.ComponentId)
		} else {
			err = promote(ctx, from, wanted)
		}
		if err != nil {
			return err
		}
		// Where it comes from it must be active, and must have run as often as the stack asks for.
		var runs any // a number or an object
		if err = settings.GetObject("promotedRuns", &runs); err != nil {
			return err
		}
		if runs != nil {
			wanted.PromotedRuns = pulumi.Any(runs)
		}
		deployment, err := boomi.NewDeployedPackage(ctx, "order-sync", wanted)
		if err != nil {
			return err
		}

		values, err := boomi.NewEnvironmentExtensions(ctx, "order-sync", &boomi.EnvironmentExtensionsArgs{
			EnvironmentId: pulumi.String(environment.Id),
			DeploymentIds: pulumi.StringArray{deployment.ID()}, // it declares the fields
			Connections: pulumi.StringMapMap{"Orders DB": pulumi.StringMap{
				"host":     pulumi.String(settings.Require("ordersDbHost")),
				"password": settings.RequireSecret("ordersDbPassword"),
			}},
		})
		if err != nil {
			return err
		}
		after := pulumi.DependsOn([]pulumi.Resource{values})

		// Dev runs it once, with its values. If the run fails, `up` fails.
		if settings.GetBool("run") {
			run := &boomi.ExecutionRequestArgs{
				ProcessId: pulumi.String(process.ComponentId),
				AtomId:    pulumi.String(runtime.Id),
				PackageId: deployment.PackageId,
			}
			if settings.Get("settle") != "" {
				run.Settle = pulumi.Int(settings.RequireInt("settle"))
			}
			if _, err = boomi.NewExecutionRequest(ctx, "order-sync", run, after); err != nil {
				return err
			}
		}

		// Production runs it by the clock.
		var schedules []boomi.Schedule
		if err = settings.GetObject("schedules", &schedules); err != nil {
			return err
		}
		if schedules != nil {
			_, err = boomi.NewProcessSchedules(ctx, "order-sync", &boomi.ProcessSchedulesArgs{
				ProcessId: pulumi.String(process.ComponentId),
				AtomId:    pulumi.String(runtime.Id),
				Schedules: pulumi.ToOutput(schedules).(boomi.ScheduleArrayOutput),
			}, after)
			if err != nil {
				return err
			}
		}

		ctx.Export("packageId", deployment.PackageId)
		ctx.Export("environmentId", pulumi.String(environment.Id))
		return nil
	})
}

// made packages the newest revision; a release outlives the stack that made it.
func made(ctx *pulumi.Context, settings *config.Config, process string) (*boomi.PackagedComponent, error) {
	wanted := &boomi.PackagedComponentArgs{
		ComponentId: pulumi.String(process), PackageVersion: pulumi.String(settings.Require("packageVersion")),
	}
	if notes := settings.Get("notes"); notes != "" {
		wanted.Notes = pulumi.String(notes)
	}
	return boomi.NewPackagedComponent(ctx, "order-sync", wanted, pulumi.RetainOnDelete(true))
}

// promote names the package that the stack of another environment runs, and that environment.
func promote(ctx *pulumi.Context, from string, wanted *boomi.DeployedPackageArgs) error {
	upstream, err := pulumi.NewStackReference(ctx, fmt.Sprintf("%s/%s/%s", ctx.Organization(), ctx.Project(), from), nil)
	if err != nil {
		return err
	}
	wanted.PackageId, err = output(upstream, "packageId")
	if err != nil {
		return err
	}
	wanted.PromotedFromId, err = output(upstream, "environmentId")
	return err
}

// output returns an output of another stack; where there is none yet, the preview says so in one line.
func output(upstream *pulumi.StackReference, name string) (pulumi.StringPtrInput, error) {
	told, err := upstream.GetOutputDetails(name)
	if err != nil {
		return nil, err
	}
	if id, ok := told.Value.(string); ok {
		return pulumi.String(id), nil
	}
	return nil, nil
}
