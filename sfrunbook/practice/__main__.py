"""The command line of the practice world: `python -m sfrunbook.practice`."""

from __future__ import annotations

import argparse
import ipaddress
import json
import logging
import sys
from pathlib import Path
from typing import Any

__all__ = ["main"]

_EPILOG = """examples:
  python -m sfrunbook.practice
  python -m sfrunbook.practice --port-base 18000 --tls
  python -m sfrunbook.practice --ready-file world.json --until-stdin-closes
  python -m sfrunbook.practice --scenario app-blocked --scenario session-timeout:minutes=30
"""


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 after a clean end, 2 when it cannot start."""
    asked = _parser().parse_args(arguments)
    if asked.list_scenarios:
        print(_scenario_list(as_json=asked.json))  # noqa: T201 - what was asked for
        return 0
    try:
        scenarios = _chosen(asked.scenario)
    except ValueError as unknown:
        print(unknown, file=sys.stderr)  # noqa: T201 - for the person at the command line
        return 2
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it reports every malformed body
    from sfrunbook.practice.server import Options, PortInUse, serve  # after --help, which needs none of it

    options = Options(
        bind=asked.host_bind,
        port_base=asked.port_base,
        seed=asked.seed,
        tls=asked.tls,
        ready_file=asked.ready_file,
        session_folder=asked.session_folder,
        until_stdin_closes=asked.until_stdin_closes,
        scenarios=scenarios,
    )
    try:
        serve(options)
    except (PortInUse, ValueError) as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - for the person at the command line
        return 2
    except OSError as refused:
        print(f"The practice org cannot start: {refused}", file=sys.stderr)  # noqa: T201 - as above
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sfrunbook.practice",
        description="A practice Salesforce on this computer: login hosts, two orgs, a practice Cyclr, a control API. "
        "Prints one JSON line when it is ready and runs until you stop it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tls", action="store_true", help="use https with a temporary CA (see ca_file)")
    parser.add_argument(
        "--port-base", type=_port_base, default=0, metavar="N", help="first of 11 ports in a row; 0 chooses free ports"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed creates the same orgs and data")
    parser.add_argument("--ready-file", type=Path, metavar="F", help="also write the JSON line to this file")
    parser.add_argument(
        "--session-folder",
        type=_empty_folder,
        metavar="D",
        help="an empty folder for ready.json; it is deleted when the practice org stops",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="stop when standard input closes, as when a parent process ends",
    )
    parser.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="NAME[:key=value,...]",
        help="start with this scenario; repeat it for more",
    )
    parser.add_argument("--list-scenarios", action="store_true", help="list the scenarios and exit")
    parser.add_argument("--json", action="store_true", help="with --list-scenarios: as JSON")
    parser.add_argument(
        "--host-bind",
        type=_loopback,
        default="127.0.0.1",
        metavar="ADDRESS",
        help="loopback address to listen on; others are rejected, because the passwords aren't secret",
    )
    return parser


def _chosen(texts: list[str]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Names and parameters; raises `ValueError` with a sentence."""
    if not texts:
        return ()
    from sfrunbook.practice.scenarios import parse

    return tuple(parse(text) for text in texts)


def _scenario_list(*, as_json: bool) -> str:
    from sfrunbook.practice.scenarios import SCENARIOS

    if as_json:
        return json.dumps([each.as_json() for each in SCENARIOS.values()], indent=2)
    lines = []
    for each in SCENARIOS.values():
        taken = "".join(f" {name}={value}" for name, value in each.parameters.items() if value != "")
        lines += [f"{each.name}{taken}", f"  {each.turns}", f"  Symptom: {each.symptom}", ""]
    return "\n".join(lines).rstrip()


def _loopback(text: str) -> str:
    try:
        if ipaddress.ip_address(text).is_loopback:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("use a loopback address, such as 127.0.0.1")


def _empty_folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_dir() or any(folder.iterdir()):
        raise argparse.ArgumentTypeError("the session folder must exist and be empty")
    return folder


def _port_base(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not (value == 0 or 1 <= value <= 65525):
        raise argparse.ArgumentTypeError("a port base is 0, or from 1 to 65525")
    return value


if __name__ == "__main__":
    sys.exit(main())
