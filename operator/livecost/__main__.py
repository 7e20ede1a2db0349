"""`python -m livecost` is the command `livecost`."""

from livecost.cli import main

if __name__ == "__main__":
    main(prog_name="livecost")
