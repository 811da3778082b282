"""The work that is measured: one package and one deployment per component, in one environment.

`BENCH_PROVIDER=nothing` declares as many resources of a provider that does nothing, to tell the engine's own share.
"""

import json
import os
from pathlib import Path

work = json.loads(Path(os.environ["BENCH_WORK"]).read_text(encoding="utf-8"))

if os.environ["BENCH_PROVIDER"] == "nothing":
    from twin import Nothing  # type: ignore[import-not-found]  # found beside this file when Pulumi runs it

    for component, version in work["packages"].items():
        package = Nothing(f"package-{component}", {"componentId": component, "packageVersion": version})
        Nothing(f"deployment-{component}", {"packageId": package.id, "environmentId": work["environment"]})
else:
    import boomi_pulumi as boomi

    for component, version in work["packages"].items():
        package = boomi.PackagedComponent(f"c-{component}", component_id=component, package_version=version)
        boomi.DeployedPackage(f"c-{component}", package=package, environment_id=work["environment"])
