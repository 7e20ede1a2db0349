"""livecost: sizes and prices live customer clusters."""


def __getattr__(name: str) -> str:
    # Reading what is installed takes longer than all of --help, so it waits until somebody asks.
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("livecost")
    except PackageNotFoundError:
        return "0+source"
