"""The work that is measured: one package and one deployment per component, in one environment.

`BENCH_PROVIDER` is `boomi` (dynamic resources), `sdk` (the plugin's SDK) or `nothing`: as many resources of a provider
that does nothing, to tell the engine's own share. With a shape in the work, they have as many properties as ours.
"""

import json
import os
from pathlib import Path

work = json.loads(Path(os.environ["BENCH_WORK"]).read_text(encoding="utf-8"))

if os.environ["BENCH_PROVIDER"] == "nothing":
    # Found beside this file when Pulumi runs it.
    from twin import DEPLOYMENT, PACKAGE, Nothing  # type: ignore[import-not-found]

    for component, version in work["packages"].items():
        package = Nothing(PACKAGE, f"package-{component}", {"componentId": component, "packageVersion": version})
        given = {"packageId": package.id, "environmentId": work["environment"]}
        Nothing(DEPLOYMENT, f"deployment-{component}", given)
else:
    if os.environ["BENCH_PROVIDER"] == "sdk":
        import pulumi_boomi as boomi  # type: ignore[import-not-found]  # made of the plugin's schema
    else:
        import boomi_pulumi as boomi

    for component, version in work["packages"].items():
        package = boomi.PackagedComponent(f"c-{component}", component_id=component, package_version=version)
        boomi.DeployedPackage(f"c-{component}", package=package, environment_id=work["environment"])
