"""The main window, its panel and its menus."""
