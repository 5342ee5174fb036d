"""Find secrets in texts, files and notebooks: by value, by name and by shape."""

from __future__ import annotations

from sfrunbook.core.secrets.scan.scan import NOT_LOOKED_INTO, Leak, scan_notebook, scan_paths, scan_text

__all__ = ["NOT_LOOKED_INTO", "Leak", "scan_notebook", "scan_paths", "scan_text"]
