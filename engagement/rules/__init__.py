"""Pure rules: nothing here asks a database or a clock."""
