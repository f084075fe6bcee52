"""What the container image holds ready-made: static files under hashed names, and compiled translations."""

from __future__ import annotations

import os

from ops.prepare import compile_translations

if __name__ == "__main__":
    # demo: the mode with hashed static files and defaults for its own machine; nothing connects to anything here.
    os.environ.update(MODE="demo", DJANGO_SETTINGS_MODULE="referral_saas.settings")
    compile_translations()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "collectstatic", "--noinput", "--verbosity", "1"])
