"""Find secrets in texts, files and notebooks: by value, by name and by shape."""

from __future__ import annotations

from sfrunbook.core.secrets.scan.scan import Leak, scan_notebook, scan_paths, scan_text

__all__ = ["Leak", "scan_notebook", "scan_paths", "scan_text"]
