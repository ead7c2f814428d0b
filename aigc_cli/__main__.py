"""Run the command line with ``python -m aigc_cli``."""

from aigc_cli.cli.main import main

if __name__ == "__main__":
    main()
