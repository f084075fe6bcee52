"""What is measured, each against a ceiling in the same run. docs/bench.md says how to read it."""
