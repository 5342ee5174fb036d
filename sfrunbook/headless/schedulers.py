"""The names of the schedulers, apart from what writes their files: the command line needs the names alone to start."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Target"]


class Target(StrEnum):
    """A scheduler that a file can be written for."""

    CRON = "cron"
    SYSTEMD = "systemd"
    GITHUB = "github"
    GITLAB = "gitlab"
    AIRFLOW = "airflow"
    KUBERNETES = "kubernetes"
