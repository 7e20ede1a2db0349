"""livecost: sizes and prices live customer clusters."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("livecost")
except PackageNotFoundError:
    __version__ = "0+source"
