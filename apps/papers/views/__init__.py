"""Pages of the papers: drafts, issues, the court's template, long files."""
