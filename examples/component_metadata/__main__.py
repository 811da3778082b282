"""Move and rename components that people built."""

import pulumi

import boomi_pulumi as boomi

(connections,) = boomi.query(
    "Folder",
    boomi.where("name").equals("Connections") & boomi.where("deleted").equals(False),
)

# A move: the look-up leaves the folder out, so that it finds the component in either.
order = boomi.ComponentMetadata(
    "order-connection",
    component=boomi.get_component(name="Order Connection", type="connector-settings"),
    folder=connections,
)

# A new name: the component is given by its id, which stays.
archive = boomi.ComponentMetadata(
    "order-archive",
    component_id="a6194cc8-0151-5c00-b104-c840bbb2bd2c",
    name="Order Archive (until 2025)",
)

pulumi.export("folder", order.folder_name)
pulumi.export("revision", archive.version)
