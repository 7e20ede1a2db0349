"""`python -m charts`: writes the chart's generated files anew, and the table of rights in docs/security.md."""

from charts.generated import CHART, SECURITY, files
from charts.rights_table import with_tables


def main() -> None:
    """Write every generated file."""
    for name, text in files().items():
        path = CHART / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    SECURITY.write_text(with_tables(SECURITY.read_text()))


if __name__ == "__main__":
    main()
