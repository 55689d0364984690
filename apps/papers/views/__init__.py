"""The papers that the office hands in: looked at, issued, fetched again, compared."""
