"""All SQL: migrations, one module per aggregate, rows to frozen dataclasses."""
