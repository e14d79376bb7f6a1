"""People's own labelled digits, in whatever form they have them: folders, tables, arrays, boxes."""
