"""Give the users of a connector another version."""

import pulumi

import boomi_pulumi as boomi

# Private: its users get the version at once.
till = boomi.ConnectorVersionChange(
    "till",
    classification_type="acme-till-dev",
    version_id="4",
    release_notes="TILL-77: vouchers",
)

# Public: Boomi's staff review the version first; until then its users keep the old one.
loyalty = boomi.ConnectorVersionChange("loyalty", classification_type="acme-loyalty-prod", version_id="5")

pulumi.export("till", till.released_version)
pulumi.export("loyalty", loyalty.released_version)
pulumi.export("loyaltyReview", loyalty.review_status)
