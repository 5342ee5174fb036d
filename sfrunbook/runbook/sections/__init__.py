"""The sections of the page, one module each; every section can be read alone."""
