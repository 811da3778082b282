"""Ask the account what there is; nothing is changed."""

import pulumi

import boomi_pulumi as boomi

test = boomi.get_environment(name="Test")
feed = boomi.get_component(name="Inventory Feed", type="process")
package = boomi.get_packaged_component(component_id=feed.component_id, package_version="1.1")
running = boomi.get_deployed_package(environment_id=test.id, component_id=feed.component_id)

pulumi.export("newestRevision", feed.version)
pulumi.export("packagedBy", package.created_by)
pulumi.export("runningInTest", running.package_version)

# All processes of two people that are not deleted, in Boomi's whole filter language.
people = boomi.where("createdBy").like("maria%") | boomi.where("createdBy").like("priya%")
alive = boomi.where("deleted").equals(False) & boomi.where("currentVersion").equals(True)
processes = boomi.query("ComponentMetadata", boomi.where("type").equals("process") & alive & people)
pulumi.export("processes", sorted(f"{each.name}, revision {each.version}" for each in processes)[:5])

# The same look-up where an argument is known only while the program runs.
again = boomi.get_packaged_component_output(id=pulumi.Output.from_input(package.package_id))
pulumi.export("packageVersion", again.package_version)
