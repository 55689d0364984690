"""The product: settings and addresses."""

__version__ = "1.0.0"
