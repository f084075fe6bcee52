"""What a code a person chooses may look like."""

from advocates.rules.codes import LONGEST_CODE, SHORTEST_CODE, BadSpelling, clean_code

__all__ = ["LONGEST_CODE", "SHORTEST_CODE", "BadSpelling", "clean_code"]
