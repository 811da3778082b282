"""The account that is there when no seed is named: a made-up retailer's."""

from __future__ import annotations

from typing import Final

from boomi_pulumi.emulator.objects import PACKAGEABLE, SHAREABLE
from boomi_pulumi.emulator.seed import Document, Row, later

# Everything below is arithmetic on these words, so that it is the same everywhere.

_TREE: Final = {
    "Sales": ("Orders", "Pricing", "Customers", "Returns"),
    "Purchasing": ("Suppliers", "Purchase Orders", "Receipts"),
    "Warehouse": ("Inventory", "Shipping", "Stores"),
    "Finance": ("Invoices", "Payments", "Ledger", "Tax"),
    "HR": ("Employees", "Payroll"),
    "Common": ("Errors", "Connections", "Profiles"),
}
_THINGS: Final = (
    "Order", "Customer", "Price List", "Return", "Supplier", "Purchase Order", "Receipt", "Stock Level",
    "Shipment", "Store", "Invoice", "Payment", "Journal Entry", "Tax Rate", "Employee", "Payslip", "Product",
    "Promotion", "Gift Card", "Loyalty Point",
)  # fmt: skip
_ACTS: Final = ("Export", "Import", "Reconcile", "Archive", "Notify", "Enrich", "Validate")
_PEOPLE: Final = ("maria.lopez@acme.example", "jonas.weber@acme.example", "priya.nair@acme.example")
_PACKAGES: Final = 64
_PACKS: Final = (
    ("Loyalty Starter", "SINGLE", "The loyalty programme for one shop system", 2, True),
    ("Retail Core", "MULTI", "Orders, stock and payments of a retailer", 20, True),
    ("Returns Add-on", "MULTI", "Returns, not released yet", 3, False),
)
_DATABASE: Final[tuple[Row | str, ...]] = (
    {"path": "connections/Orders DB/host", "value": "localhost"},
    {"path": "connections/Orders DB/port", "value": "5432"},
    {"path": "connections/Orders DB/password", "encrypted": True},
)
_ORDERS: Final[tuple[Row | str, ...]] = (
    {"path": "processProperties/Order Settings/Warehouse", "value": "W0"},
    {"path": "properties/DPP_BATCH_SIZE", "value": "100"},
    "crossReferences/Country Codes",
)
_OTHERS: Final = (
    ("webservice", "{} API"), ("certificate", "{} Certificate"), ("customlibrary", "{} Library"),
    ("flowservice", "{} Flow Service"), ("processroute", "{} Route"), ("tpgroup", "{} Processing Group"),
    ("webservice.external", "{} API Proxy"), ("certificate.pgp", "{} PGP Key"),
    ("connector-settings", "{} Connection"), ("connector-action", "{} Operation"),
    ("crossref", "{} Code Table"), ("documentcache", "{} Cache"), ("edistandard", "{} EDI Standard"),
    ("transform.map", "{} Map"), ("transform.function", "{} Function"), ("processproperty", "{} Properties"),
    ("profile.db", "{} Table"), ("profile.edi", "{} EDI Document"), ("profile.flatfile", "{} File"),
    ("profile.xml", "{} XML"), ("profile.json", "{} JSON"), ("queue", "{} Queue"),
    ("tradingpartner", "{} Partner"), ("tporganization", "{} Organization"),
    ("tpcommoptions", "{} Channel"), ("script.processing", "{} Script"), ("script.mapping", "{} Map Script"),
    ("xslt", "{} Stylesheet"),
)  # fmt: skip


def default_seed() -> Document:
    """Make up the account of a retailer.

    Returns:
        A document in the form of a seed file, the same on every call.
    """
    folders = [f"Acme/{area}" for area in _TREE]
    leaves = [f"Acme/{area}/{leaf}" for area, children in _TREE.items() for leaf in children]
    components = _default_components(leaves)
    packages = _default_packages(components)
    shared, packs = _default_packs(components, {row["component"] for row in packages})
    return {
        "account": {"id": "acmecorp-AB12CD", "name": "Acme", "defaultBranch": "main"},
        "users": [
            {
                "name": "admin@acme.example",
                "token": "11111111-aaaa-4bbb-8ccc-000000000001",
                "privileges": [
                    "API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "ENV_MANAGEMENT", "BUILD",
                    "PUBLISHER_INTEGRATION_PACK", "INTEGRATION_PACK", "DEVELOPER", "CONNECTOR_SUBMISSION",
                    "VIEW_AUDIT_LOGS", "SCHEDULE_MAINTENANCE", "EXECUTE", "VIEW_RESULT",
                ],
            },
            {
                "name": "release@acme.example",
                "token": "11111111-aaaa-4bbb-8ccc-000000000002",
                "privileges": [
                    "API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT_READ_ONLY", "BUILD_READ_ONLY",
                    "PUBLISHER_INTEGRATION_PACK", "INTEGRATION_PACK", "DEVELOPER", "SCHEDULE_MAINTENANCE",
                    "EXECUTE", "VIEW_RESULT",
                ],
            },
            {
                "name": "viewer@acme.example",
                "token": "11111111-aaaa-4bbb-8ccc-000000000003",
                "privileges": [
                    "API", "ATOM_MANAGEMENT_READ_ONLY", "BUILD_READ_ONLY", "INTEGRATION_PACK", "VIEW_RESULT",
                ],
            },
        ],
        "settings": {},
        "environments": [
            {"name": "Dev", "classification": "TEST"},
            {"name": "Test", "classification": "TEST"},
            {"name": "Production", "classification": "PROD"},
        ],
        "branches": ["release-2026-q3", "spike-loyalty"],
        "folders": [*folders, *leaves, {"path": "Acme/Old Integrations", "deleted": True}],
        "components": components,
        "packages": [*packages, *shared],
        "deployments": _default_deployments(packages),
        "integrationPacks": packs,
        "connectors": _default_connectors(),
        "runtimes": [
            {"name": "Acme Test Atom", "attachedTo": ["Test"]},
            {"name": "Acme Production Molecule", "type": "MOLECULE", "attachedTo": ["Production"]},
            {"name": "Acme Old Atom", "status": "OFFLINE"},
            {"name": "Acme Dev Atom", "attachedTo": ["Dev"]},
        ],
        "subaccounts": [_default_subaccount()],
    }  # fmt: skip


def _day(number: int) -> str:
    """A moment of 2026, from January to the middle of October."""
    return later(f"2026-01-05T{8 + number % 10:02}:{number * 7 % 60:02}:{number * 13 % 60:02}Z", number % 280)


def _history(seed: int, count: int) -> list[Row]:
    start, step = seed * 17 % 180, 1 + seed % 6
    return [
        {"by": _PEOPLE[(seed + n) % 3], "date": later(_day(start), n * step)} for n in range(count)
    ]  # fmt: skip


def _default_components(leaves: list[str]) -> list[Row]:
    result: list[Row] = [
        {"name": "Order Sync", "type": "process", "folder": "Acme/Sales/Orders", "revisions": _history(3, 4),
         "extensions": [*_DATABASE, *_ORDERS]},
        {"name": "Inventory Feed", "type": "process", "folder": "Acme/Warehouse/Inventory",
         "revisions": _history(5, 3), "extensions": list(_DATABASE)},
    ]  # fmt: skip
    for number, (thing, act) in enumerate((thing, act) for act in _ACTS for thing in _THINGS):
        item: Row = {
            "name": f"{thing} {act}",
            "type": "process",
            "folder": leaves[number % len(leaves)],
            "revisions": _history(number, 1 + number * 5 % 7),
        }
        if item["name"] == "Purchase Order Import":
            item["listener"] = "jms"
        if not (number + 1) % 19:
            item["deleted"] = True
        if not (number + 1) % 31:
            # Saved on main first, then carried on a branch.
            item["revisions"].append({"by": _PEOPLE[0], "date": "2026-09-14T10:00:00Z", "branch": "release-2026-q3"})
        result.append(item)
    for number in range(len(_OTHERS) * 5):
        kind, form = _OTHERS[number % len(_OTHERS)]
        item = {
            "name": form.format(_THINGS[number * 3 % len(_THINGS)]),
            "type": kind,
            "folder": leaves[number * 5 % len(leaves)],
            "revisions": _history(number + 40, 1 + number % 3),
        }
        if kind.startswith("connector-"):
            item["subType"] = ("http", "database", "sftp", "salesforce")[number // len(_OTHERS) % 4]
        if not (number + 1) % 37:
            item["deleted"] = True
        result.append(item)
    for number, source in enumerate(result[10:60:10]):
        copy = {"component": f"{source['folder']}/{source['name']}", "version": 1}
        result.append(
            {"name": f"{source['name']} (copy)", "type": "process", "folder": leaves[number],
             "revisions": _history(number + 7, 1), "copiedFrom": copy}
        )  # fmt: skip
    for number, source in enumerate(result[20:26]):
        # The same name in another folder: a name alone does not identify a component.
        others = [leaf for leaf in leaves if leaf != source["folder"]]
        result.append(
            {"name": source["name"], "type": "process", "folder": others[number * 3],
             "revisions": _history(number + 9, 2)}
        )  # fmt: skip
    result.append(
        {"name": "Loyalty Point Simulation", "type": "process", "folder": "Acme/Sales/Customers",
         "branch": "spike-loyalty", "revisions": _history(11, 2)}
    )  # fmt: skip
    return result


def _default_packages(components: list[Row]) -> list[Row]:
    result: list[Row] = []
    for item in components[:2]:
        for minor in range(3):
            result.append(_package_of(item, f"1.{minor}", minor + 1, len(result)))
    chosen = [
        item
        for item in components[2:]
        if item["type"] in PACKAGEABLE and not item.get("deleted") and "copiedFrom" not in item
    ]
    seen: set[str] = set()
    for item in chosen[::6]:
        path = f"{item['folder']}/{item['name']}"
        if path in seen:
            continue
        seen.add(path)
        count = len(item["revisions"])
        for number in range(min(count, 2)):
            result.append(_package_of(item, f"{number + 1}.0", number + 1, len(result)))
        if len(result) % 9 == 0:
            result.append({**_package_of(item, "Alpha Release", count, len(result)), "deleted": True})
        if len(result) >= _PACKAGES:
            break
    return result


def _package_of(item: Row, version: str, revision: int, number: int) -> Row:
    row: Row = {
        "component": f"{item['folder']}/{item['name']}",
        "version": version,
        "revision": revision,
        "by": _PEOPLE[number % 3],
        "date": later(str(item["revisions"][revision - 1]["date"]), 1),
        "notes": f"{item['name']} {version}",
    }
    if item["type"] in SHAREABLE and number % 4 == 0:
        row["shareable"] = True
    return row


def _default_packs(components: list[Row], packaged: set[str]) -> tuple[list[Row], list[Row]]:
    """Make up packs of components that are in no other package, and their packages 1.0 and 1.1."""
    free = [
        item
        for item in components
        if item["type"] == "process"
        and not item.get("deleted")
        and "copiedFrom" not in item
        and len([row for row in item["revisions"] if "branch" not in row]) > 1
        and "branch" not in item
        and f"{item['folder']}/{item['name']}" not in packaged
    ]
    packages: list[Row] = []
    packs: list[Row] = []
    for name, kind, description, size, released in _PACKS:
        members: list[Row | str] = []
        for _ in range(size):
            item = free.pop(0)
            for revision, version in enumerate(("1.0", "1.1"), 1):
                packages.append({**_package_of(item, version, revision, len(packages)), "shareable": True})
            path = packages[-1]["component"]
            members.append({"component": path, "released": "1.0"} if released else path)
        packs.append({"name": name, "installationType": kind, "description": description, "members": members})
    return packages, packs


def _default_connectors() -> list[Row]:
    return [
        {
            "groupType": group,
            "groupName": name,
            "by": _PEOPLE[place],
            "date": f"2026-02-0{place + 2}T09:00:00Z",
            "versions": versions,
            "classifications": [
                {"classification": kind, "displayName": name, "visibility": visibility, "version": released}
            ],
        }
        for place, (group, name, kind, visibility, versions, released) in enumerate(
            (
                ("acme-till", "Acme Till", "dev", "PRIVATE", 4, "2"),
                ("acme-loyalty", "Acme Loyalty", "prod", "PUBLIC", 5, "3"),
            )
        )
    ]


def _default_deployments(packages: list[Row]) -> list[Row]:
    result: list[Row] = []
    for number, package in enumerate(packages):
        if package["component"].endswith("/Order Sync") or package.get("deleted"):
            continue
        feed = package["component"].endswith("/Inventory Feed")
        reached = 3 if feed else 1 + number % 2
        for step, environment in enumerate(("Dev", "Test", "Production")[:reached]):
            if feed and environment == "Production" and package["version"] == "1.2":
                continue
            row = {
                "component": package["component"],
                "package": package["version"],
                "environment": environment,
                "by": _PEOPLE[(number + step) % 3],
                "date": later(package["date"], 1 + 2 * step),
            }
            if not (number + 1) % 13:
                row["active"] = False
            result.append(row)
    return result


def _default_subaccount() -> Document:
    history = [{"by": "north@acme.example", "date": f"2026-0{month}-02T09:00:00Z"} for month in (3, 5)]
    path = "Acme North/Stores/Store Sync"
    return {
        "account": {"id": "acmenorth-EF34GH", "name": "Acme North"},
        "environments": [
            {"name": "North Test", "classification": "TEST"},
            {"name": "North", "classification": "PROD"},
        ],
        "folders": ["Acme North/Stores"],
        "components": [
            {
                "name": "Store Sync",
                "type": "process",
                "folder": "Acme North/Stores",
                "revisions": history,
            },
            {
                "name": "Till Export",
                "type": "process",
                "folder": "Acme North/Stores",
                "revisions": history[:1],
            },
        ],
        "packages": [
            {
                "component": path,
                "version": "1.0",
                "revision": 1,
                "by": "north@acme.example",
                "date": "2026-03-03T09:00:00Z",
                "shareable": True,
            }
        ],
        "integrationPacks": [
            {
                "name": "North Stores",
                "installationType": "MULTI",
                "description": "What every store of the north runs",
                "members": [{"component": path, "released": "1.0"}],
            }
        ],
        "deployments": [
            {
                "component": path,
                "package": "1.0",
                "environment": "North Test",
                "by": "north@acme.example",
                "date": "2026-03-04T09:00:00Z",
            }
        ],
    }
