"""What a person sees: messages, progress, errors. Every command prints through here.

On a terminal there is colour and moving progress (rich); into a file or a pipe go plain lines.
With --json only one JSON document goes to standard output and everything else to standard error.
rich is imported when first needed, so that help works before the set-up.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

STYLES = {
    "secure": "cyan",
    "application": "green",
    "emulator": "red",
    "good": "bold green",
    "bad": "bold red",
    "dim": "dim",
}


class BzError(Exception):
    """A failure that a person can act on: cause, next step, what the tool at fault printed."""

    def __init__(self, cause: str, next_step: str, details: str = "", code: int = 1) -> None:
        super().__init__(cause)
        self.cause = cause
        self.next_step = next_step
        self.details = details
        self.code = code


class Console:
    """Where output goes; `machine` is true when standard output is kept for one JSON document."""

    def __init__(self) -> None:
        self.machine = False
        self._rich: Any = None

    @property
    def stream(self) -> Any:
        return sys.stderr if self.machine else sys.stdout

    @property
    def is_terminal(self) -> bool:
        return self.stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    @property
    def rich(self) -> Any:
        if self._rich is None:
            from rich.console import Console as RichConsole

            self._rich = RichConsole(file=self.stream, highlight=False, soft_wrap=True)
        return self._rich

    def say(self, text: str = "", style: str = "") -> None:
        if self.is_terminal and style:
            from rich.text import Text

            self.rich.print(Text(text, style=STYLES.get(style, style)))
        else:
            print(text, file=self.stream, flush=True)

    def marked(self, mark: str, text: str, style: str) -> None:
        """A line of a device's output, marked by its source."""
        if self.is_terminal:
            from rich.text import Text

            self.rich.print(
                Text.assemble(
                    (f"{mark:>11} ", f"bold {STYLES.get(style, style)}"), ("| ", "dim"), text
                )
            )
        else:
            print(f"{mark:>11} | {text}", file=self.stream, flush=True)

    def panel(self, title: str, lines: list[str], style: str) -> None:
        if self.is_terminal:
            from rich.panel import Panel
            from rich.text import Text

            self.rich.print(
                Panel(
                    Text("\n".join(lines)),
                    title=title,
                    title_align="left",
                    border_style=STYLES.get(style, style),
                    expand=False,
                )
            )
        else:
            print("\n".join([f"== {title} ==", *lines]), file=self.stream, flush=True)

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[Callable[[int, int, str], None]]:
        """Progress of a long step: the caller reports (done, total, what)."""
        if not self.is_terminal:
            yield self._plain_progress(title)
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", style="dim"),
            console=self.rich,
            transient=True,
        ) as bar:
            task = bar.add_task(title, total=1, what="")
            yield lambda done, total, what: bar.update(
                task, completed=done, total=total, what=what[:60]
            )

    def _plain_progress(self, title: str) -> Callable[[int, int, str], None]:
        shown = -1

        def report(done: int, total: int, what: str) -> None:
            nonlocal shown
            quarter = done * 4 // max(total, 1)
            if total >= 8 and quarter != shown:
                shown = quarter
                print(f"{title}: {done}/{total}", file=self.stream, flush=True)

        return report

    def result(self, document: Any) -> None:
        """The one JSON document of a command with --json."""
        print(json.dumps(document, indent=2, default=str), flush=True)

    def error(self, error: BzError) -> None:
        if self.machine:
            self.result({"ok": False, "error": error.cause, "next": error.next_step})
        bad = "\033[1;31mbz:\033[0m" if sys.stderr.isatty() else "bz:"
        print(f"{bad} {error.cause}", file=sys.stderr)
        for line in error.details.rstrip().splitlines():
            print(f"    | {line}", file=sys.stderr)
        print(f"    next: {error.next_step}", file=sys.stderr, flush=True)


console = Console()


def short(path: Path) -> str:
    """A path as a person would type it from here."""
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)
