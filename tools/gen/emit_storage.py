"""Emits what the storage services know of the product: its_quotas.c, nv_counters.c and
bartizan/nv_counters.h.

Each function returns the text of one file. The product is complete and checked; nothing is decided
here.
"""

from __future__ import annotations

from gen.model import Product
from gen.output import banner
from gen.storage import client_id


def its_quotas(product: Product) -> str:
    """its_quotas.c: the table behind services/its/account.h."""
    rows = [
        f"    {{{client_id(product, quota.client)}, {{{quota.assets}U, {quota.bytes}U}}}}, "
        f"/* {quota.client} */\n"
        for quota in product.its_quota
    ]
    body = "".join(rows) or "    {0},\n"  # ISO C has no empty table
    return (
        f"{banner(product.file, 'Quotas of Internal Trusted Storage.')}"
        '#include "services/its/account.h"\n\n'
        f"const struct account_quota account_quotas[] = {{\n{body}}};\n"
    )


def nv_counters(product: Product) -> str:
    """nv_counters.c: the table behind services/platform/counters.h."""
    lists, rows = [], []
    for counter in product.nv_counters:
        ids = ", ".join(str(client_id(product, client)) for client in counter.clients)
        lists.append(f"static const int32_t {counter.name}_clients[] = {{{ids or 0}}};\n")
        rows.append(
            f"    {{{counter.id:#x}U, {len(counter.clients)}U, {counter.name}_clients}},\n"
        )
    body = "".join(rows) or "    {0},\n"
    return (
        f"{banner(product.file, 'Runtime counters of the Platform service.')}"
        '#include "services/platform/counters.h"\n\n'
        f"{''.join(lists)}\n"
        f"const struct nv_counter nv_counters[] = {{\n{body}}};\n"
    )


def nv_counter_names(product: Product) -> str:
    """bartizan/nv_counters.h: what clients call the counters; the same for each level."""
    lines = "".join(
        f"#define BARTIZAN_NV_COUNTER_{counter.name.upper()} ({counter.id:#x}u)\n"
        for counter in product.nv_counters
    )
    guard = "BARTIZAN_NV_COUNTERS_H"
    return (
        f"{banner(product.file, 'Counters of bartizan/platform_service.h.')}"
        f"#ifndef {guard}\n#define {guard}\n\n{lines}\n#endif\n"
    )
