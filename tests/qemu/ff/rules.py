"""The rules of the two interfaces, by partition and by the name under which it breaks them (ff/).

The words are those of the manager's log for the end of the partition. MEMORY: it ends by a fault.
"""

from __future__ import annotations

from ff.driver import CLIENT, FLIH, MAPPER, SERVER, SLIH

SIGNAL = "a signal that it does not have, or not now"
NOTIFY = "psa_notify() to no partition that has a doorbell"
MESSAGE = "a message handle that it does not serve"
INDEX = "a vector index above 3"
BUFFER = "a buffer in memory that it may not access"
OVERFLOW = "more output than the client's vector holds"
STATUS = "a status that does not answer a connection"
MAP = "a vector that it may not map, unmap or use now"
PANIC = "psa_panic()"
SERVICE = "a service that it may not use that way"
VERSION = "a service version that the policy refuses"
HANDLE = "a handle that is not one of its own"
TYPE = "a call type that is not 0..32767"
COUNT = "more than 4 vectors"
VECTOR = "a vector in memory that it may not access"
BLOCK = "a vector that its service maps and that is not made of 32-byte blocks"
REQUEST = "a request that its service calls a programmer error"
TRAP = "a trap that it may not raise"
MEMORY = "MemManage fault"

NUMBERS = {"server": SERVER, "client": CLIENT, "mapper": MAPPER, "slih": SLIH, "flih": FLIH}

RULES: dict[tuple[str, str], str] = {
    ("server", "wait-nothing"): SIGNAL,
    ("server", "wait-nothing-blocked"): SIGNAL,
    ("server", "wait-unassigned"): SIGNAL,
    ("server", "get-nothing"): SIGNAL,
    ("server", "get-idle"): SIGNAL,
    ("server", "get-two"): SIGNAL,
    ("server", "get-unassigned"): SIGNAL,
    ("server", "get-doorbell"): SIGNAL,
    ("server", "get-elsewhere"): BUFFER,
    ("server", "clear-idle"): SIGNAL,
    ("server", "clear-twice"): SIGNAL,
    ("server", "eoi-nothing"): SIGNAL,
    ("server", "eoi-doorbell"): SIGNAL,
    ("server", "eoi-service"): SIGNAL,
    ("server", "irq-enable-service"): SIGNAL,
    ("server", "irq-disable-service"): SIGNAL,
    ("server", "irq-enable-unassigned"): SIGNAL,
    ("server", "reset-service"): SIGNAL,
    ("server", "reset-doorbell"): SIGNAL,
    ("server", "notify-unknown"): NOTIFY,
    ("server", "notify-zero"): NOTIFY,
    ("server", "notify-nonsecure"): NOTIFY,
    ("server", "notify-sfn"): NOTIFY,
    ("server", "reply-null"): MESSAGE,
    ("server", "reply-unknown"): MESSAGE,
    ("server", "reply-negative"): MESSAGE,
    ("server", "reply-twice"): MESSAGE,
    ("server", "read-after-reply"): MESSAGE,
    ("server", "write-after-reply"): MESSAGE,
    ("server", "skip-unknown"): MESSAGE,
    ("server", "read-index"): INDEX,
    ("server", "skip-index"): INDEX,
    ("server", "write-index"): INDEX,
    ("server", "read-index-far"): INDEX,
    ("server", "read-elsewhere"): BUFFER,
    ("server", "write-elsewhere"): BUFFER,
    ("server", "write-past"): OVERFLOW,
    ("server", "write-past-later"): OVERFLOW,
    ("server", "write-missing"): OVERFLOW,
    ("server", "rhandle-stateless"): MESSAGE,
    ("server", "rhandle-unknown"): MESSAGE,
    ("server", "map-not-enabled"): MAP,
    ("server", "map-out-not-enabled"): MAP,
    ("server", "connect-read"): MESSAGE,
    ("server", "connect-skip"): MESSAGE,
    ("server", "connect-write"): MESSAGE,
    ("server", "connect-map"): MESSAGE,
    ("server", "connect-status"): STATUS,
    ("server", "connect-positive"): STATUS,
    ("server", "disconnect-read"): MESSAGE,
    ("server", "disconnect-skip"): MESSAGE,
    ("server", "disconnect-write"): MESSAGE,
    ("server", "leave"): PANIC,
    ("server", "panic"): PANIC,
    ("server", "fault"): MEMORY,
    ("client", "connect-unknown"): SERVICE,
    ("client", "connect-undeclared"): SERVICE,
    ("client", "connect-stateless"): SERVICE,
    ("client", "connect-older"): VERSION,
    ("client", "connect-newer"): VERSION,
    ("client", "call-null"): HANDLE,
    ("client", "call-negative"): HANDLE,
    ("client", "call-unknown"): HANDLE,
    ("client", "call-closed"): HANDLE,
    ("client", "call-theirs"): HANDLE,
    ("client", "call-undeclared"): SERVICE,
    ("client", "call-newer"): VERSION,
    ("client", "call-type"): TYPE,
    ("client", "call-type-large"): TYPE,
    ("client", "call-many"): COUNT,
    ("client", "call-array"): VECTOR,
    ("client", "call-no-array"): VECTOR,
    ("client", "call-const-array"): VECTOR,
    ("client", "call-in"): VECTOR,
    ("client", "call-out"): VECTOR,
    ("client", "call-out-nonsecure"): VECTOR,
    ("client", "call-wraps"): VECTOR,
    ("client", "close-unknown"): HANDLE,
    ("client", "close-stateless"): HANDLE,
    ("client", "close-twice"): HANDLE,
    ("client", "close-theirs"): HANDLE,
    ("client", "misuse"): REQUEST,
    ("client", "map-uneven-base"): BLOCK,
    ("client", "map-uneven-size"): BLOCK,
    ("client", "map-uneven-out"): BLOCK,
    ("client", "sfn-wait"): TRAP,
    ("client", "sfn-get"): TRAP,
    ("client", "sfn-reply"): TRAP,
    ("client", "sfn-clear"): TRAP,
    ("mapper", "map-twice"): MAP,
    ("mapper", "map-again"): MAP,
    ("mapper", "map-out-twice"): MAP,
    ("mapper", "map-out-again"): MAP,
    ("mapper", "map-after-read"): MAP,
    ("mapper", "map-after-skip"): MAP,
    ("mapper", "map-after-write"): MAP,
    ("mapper", "read-after-map"): MAP,
    ("mapper", "skip-after-map"): MAP,
    ("mapper", "write-after-map"): MAP,
    ("mapper", "read-after-unmap"): MAP,
    ("mapper", "unmap-unmapped"): MAP,
    ("mapper", "unmap-out-unmapped"): MAP,
    ("mapper", "unmap-twice"): MAP,
    ("mapper", "unmap-out-twice"): MAP,
    ("mapper", "unmap-out-long"): OVERFLOW,
    ("mapper", "map-empty"): MAP,
    ("mapper", "map-out-empty"): MAP,
    ("mapper", "map-index"): INDEX,
    ("mapper", "map-out-index"): INDEX,
    ("mapper", "unmap-index"): INDEX,
    ("mapper", "unmap-out-index"): INDEX,
    ("mapper", "map-unknown"): MESSAGE,
    ("mapper", "map-out-unknown"): MESSAGE,
    ("mapper", "unmap-unknown"): MESSAGE,
    ("mapper", "unmap-out-unknown"): MESSAGE,
    ("mapper", "map-replied"): MESSAGE,
    ("mapper", "write-to-in"): MEMORY,
    ("mapper", "use-unmapped"): MEMORY,
    ("mapper", "use-out-unmapped"): MEMORY,
    ("mapper", "use-replied"): MEMORY,
    ("mapper", "use-past"): MEMORY,
    ("mapper", "use-before"): MEMORY,
    ("slih", "eoi-idle"): SIGNAL,
    ("slih", "eoi-two"): SIGNAL,
    ("slih", "eoi-twice"): SIGNAL,
    ("slih", "reset-slih"): SIGNAL,
    ("slih", "get-irq"): SIGNAL,
    ("slih", "enable-other"): SIGNAL,
    ("slih", "enable-two"): SIGNAL,
    ("slih", "disable-none"): SIGNAL,
    ("flih", "eoi-flih"): SIGNAL,
    ("flih", "reset-idle"): SIGNAL,
    ("flih", "within-call"): TRAP,
    ("flih", "within-connect"): TRAP,
    ("flih", "within-version"): TRAP,
    ("flih", "within-wait"): TRAP,
    ("flih", "within-notify"): TRAP,
    ("flih", "within-reply"): TRAP,
    ("flih", "within-write"): TRAP,
    ("flih", "within-panic"): PANIC,
    ("flih", "within-fault"): MEMORY,
}

# The client lends the server a message of its own, and it is the server that uses it.
LENT = {"lend-read": MESSAGE, "lend-reply": MESSAGE}

# What the application's call answers where the partition starts afresh: PSA_ERROR_COMMUNICATION_
# FAILURE; but these of the server come with a connection, which is refused...
WITH_CONNECT = {
    name for owner, name in RULES if owner == "server" and name.startswith("connect-")
} | {"get-elsewhere"}
# ...and these come after the answer.
ANSWERED = {
    "reply-twice",
    "read-after-reply",
    "write-after-reply",
    "disconnect-read",
    "disconnect-skip",
    "disconnect-write",
    "leave",
    "map-replied",
    "use-replied",
}

# At level 1 partitions share their data, and mapping needs no blocks.
NOT_AT_LEVEL_1 = {"map-uneven-base", "map-uneven-size", "map-uneven-out"}


def line(partition: str, words: str) -> str:
    """How the line in the secure log begins."""
    if words == MEMORY:
        return f"spm: fault: {MEMORY} in partition {partition}, "
    return f"spm: partition {partition} ended: {words}"
