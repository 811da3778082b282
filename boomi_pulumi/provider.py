"""The one name that every state file holds (`__provider`), so neither this module nor `load` may ever move."""

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.dynamic import DynamicProvider
from boomi_pulumi._python.sdk_threads import prepare

__all__ = ["load"]


def load(name: str) -> DynamicProvider:
    """Return the provider of a kind, given the kind's name: the SDK's plugin calls it in each of its processes."""
    prepare()
    return DynamicProvider(KINDS[name], load)
