"""How long a file may be: 60 to 200 lines is comfortable, 300 wants a look, 500 a reason."""

WANTS_A_LOOK = 300
WANTS_A_REASON = 500

# Longer than WANTS_A_REASON, and why.
REASONS = {}


def lengths(tree):
    return {path: text.count("\n") for path, text in tree.sources(".h", ".cpp", ".py").items()}


def no_long_file(tree):
    """No file has more than 500 lines without a reason."""
    return [f"{path}: {count} lines; divide it, or give the reason in tests/tidy/sizes.py"
            for path, count in lengths(tree).items()
            if count > WANTS_A_REASON and path not in REASONS]


def notes(tree):
    return [f"{path}: {count} lines, wants a look" for path, count in lengths(tree).items()
            if count > WANTS_A_LOOK]


RULES = [no_long_file]
