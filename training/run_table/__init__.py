"""All runs: their model, the side list, the table, the comparison."""
