/*
 * The client's side of the service ticker: compiled into an application that calls it.
 */
#include "ticker.h"

#include "psa/client.h"
#include "psa_manifest/sid.h"

psa_status_t ticker_start(uint32_t period_clocks)
{
    psa_invec in[] = {{&period_clocks, sizeof(period_clocks)}};

    return psa_call(TICKER_HANDLE, TICKER_START, in, 1U, NULL, 0U);
}

psa_status_t ticker_read(struct ticker_count *count, struct ticker_entry *entries, size_t *length)
{
    psa_outvec out[] = {{count, sizeof(*count)}, {entries, *length * sizeof(*entries)}};
    psa_status_t status = psa_call(TICKER_HANDLE, TICKER_READ, NULL, 0U, out, 2U);

    if (status == PSA_SUCCESS) {
        *length = out[1].len / sizeof(*entries);
    }
    return status;
}

psa_status_t ticker_stop(void)
{
    return psa_call(TICKER_HANDLE, TICKER_STOP, NULL, 0U, NULL, 0U);
}
