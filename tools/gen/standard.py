"""The standard services: their names, SIDs, versions and static handles, in one place.

Clients know them whether a product has the service or not, so these are constants of the tree:
links.py keeps them free for their owners, emit_headers.py writes them into every
psa_manifest/sid.h. A manifest that declares one of them must say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from gen.model import Service, static_handle


@dataclass(frozen=True)
class StandardService:
    name: str
    sid: int
    version: int
    stateless_handle: int  # 1..32, as in a manifest

    @property
    def handle(self) -> int:
        return static_handle(self.version, self.stateless_handle - 1)


STANDARD = (
    StandardService("PSA_CRYPTO", 0x80, 1, 1),
    StandardService("PSA_ITS", 0x70, 1, 2),
    StandardService("PSA_ATTESTATION", 0x20, 1, 3),
    StandardService("PSA_PLATFORM", 0x40, 1, 4),
    StandardService("PSA_PS", 0x60, 1, 5),
    StandardService("PSA_FWU", 0xA0, 1, 6),
)
NAMES = {each.name: each for each in STANDARD}
INDICES = {each.stateless_handle - 1: each for each in STANDARD}


def check(services: list[Service]) -> None:
    """What belongs to a standard service is its own, and is declared as clients know it."""
    by_sid = {each.sid: each for each in STANDARD}
    for service in services:
        keys = service.node.value
        own = NAMES.get(service.name)
        if own is not None:
            _check_own(service, own)
        elif service.sid in by_sid:
            keys["sid"].fail(
                f"SID {service.sid:#010x} of service '{service.name}' is that of the standard "
                f"service '{by_sid[service.sid].name}'",
                "choose one from 0xf0000000 on",
            )
        elif service.stateless_handle is not None:
            owner = INDICES.get(service.stateless_handle - 1)
            if owner is not None:
                keys["stateless_handle"].fail(
                    f"stateless_handle {service.stateless_handle} of service '{service.name}' is "
                    f"that of the standard service '{owner.name}'",
                    f'choose one from {len(STANDARD) + 1} on, or "auto"',
                )


def _check_own(service: Service, own: StandardService) -> None:
    keys = service.node.value
    said = {
        "sid": service.sid,
        "version": service.version,
        "stateless_handle": service.stateless_handle,
    }
    for key, value in said.items():
        if value != getattr(own, key):
            keys.get(key, service.node).fail(
                f"{key} of the standard service '{own.name}' is {value}",
                f"write {key}: {getattr(own, key):#x}: clients are built for it",
            )
