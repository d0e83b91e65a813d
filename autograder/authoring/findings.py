"""What audit finds: where, what is wrong, what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that must not land.  `what` is a sentence, `next` says how to mend it."""

    where: str
    what: str
    next: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" -> {self.next}" if self.next else "")

    def as_data(self) -> dict[str, str]:
        return asdict(self)
