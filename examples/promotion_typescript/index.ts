// One program, one stack per environment: `dev` makes the package, the others deploy that very package.
import * as boomi from "@pulumi/boomi";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const source = config.get("promoteFrom");

// Either a package that this stack makes, or the id of the one that the other stack runs.
const release = source === undefined ? { package: made() } : { packageId: promoted(source) };

function made(): boomi.PackagedComponent {
    const component = boomi.getComponentOutput({ name: "Order Sync", type: "process", folder: "Sales/Orders" });
    return new boomi.PackagedComponent(
        "order-sync",
        { componentId: component.componentId, packageVersion: config.require("packageVersion") },
        { retainOnDelete: true }, // a release outlives the stack that made it
    );
}

function promoted(from: string): pulumi.Output<any> {
    const upstream = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${from}`);
    return upstream.getOutput("packageId"); // where there is none yet, the preview says so in one line
}

const environment = boomi.getEnvironmentOutput({ name: config.require("environment") });
const deployment = new boomi.DeployedPackage("order-sync", { ...release, environmentId: environment.id });

export const packageId = deployment.packageId;
