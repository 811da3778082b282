// One program, one stack per environment: `dev` makes the package, the others deploy that very package.
import * as boomi from "@pulumi/boomi";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const orderSync = boomi.getComponentOutput({ name: "Order Sync", type: "process", folder: "Sales/Orders" });
const environment = boomi.getEnvironmentOutput({ name: config.require("environment") });
const runtime = boomi.getRuntimeOutput({ environmentId: environment.id });

// What goes out: a new package, or the one that the stack before this one deployed.
const source = config.get("promoteFrom");
const release = source === undefined ? { package: made() } : promoted(source);

function made(): boomi.PackagedComponent {
    return new boomi.PackagedComponent(
        "order-sync",
        {
            componentId: orderSync.componentId,
            packageVersion: config.require("packageVersion"),
            notes: config.get("notes"),
        },
        { retainOnDelete: true }, // a release outlives the stack that made it
    );
}

function promoted(from: string) {
    const upstream = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${from}`);
    return {
        packageId: upstream.getOutput("packageId"), // where there is none yet, the preview says so in one line
        promotedFromId: upstream.getOutput("environmentId"),
    };
}

// Where it comes from it must be active, and must have run as often as the stack asks for.
const deployment = new boomi.DeployedPackage("order-sync", {
    ...release,
    environmentId: environment.id,
    promotedRuns: config.getObject<number | boomi.types.input.PromotedRunsArgs>("promotedRuns"),
});

const values = new boomi.EnvironmentExtensions("order-sync", {
    environmentId: environment.id,
    deploymentIds: [deployment.id], // it declares the fields
    connections: {
        "Orders DB": {
            host: config.require("ordersDbHost"),
            password: config.requireSecret("ordersDbPassword"),
        },
    },
});

// Dev runs it once, with its values. If the run fails, `up` fails.
if (config.getBoolean("run")) {
    new boomi.ExecutionRequest(
        "order-sync",
        {
            processId: orderSync.componentId,
            atomId: runtime.id,
            packageId: deployment.packageId,
            settle: config.getNumber("settle"),
        },
        { dependsOn: values },
    );
}

// Production runs it by the clock.
const schedules = config.getObject<boomi.types.input.ScheduleArgs[]>("schedules");
if (schedules !== undefined) {
    new boomi.ProcessSchedules(
        "order-sync",
        { processId: orderSync.componentId, atomId: runtime.id, schedules },
        { dependsOn: values },
    );
}

export const packageId = deployment.packageId;
export const environmentId = environment.id;
