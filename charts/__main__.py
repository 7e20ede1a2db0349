"""`python -m charts`: writes the chart's generated files anew."""

from charts.generated import CHART, files


def main() -> None:
    """Write every generated file into the chart."""
    for name, text in files().items():
        path = CHART / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
