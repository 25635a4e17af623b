"""`python -m survey_app` is the command `pingyi`."""

from survey_app.cli import main

if __name__ == "__main__":
    main(prog_name="pingyi")
