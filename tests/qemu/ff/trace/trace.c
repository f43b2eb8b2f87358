/*
 * The trace: letters in the order in which partitions left them. An SFN service of the highest
 * priority, so that leaving one changes nothing about who runs.
 */
#include "psa_manifest/trace.h"

static char letters[256];
static size_t count;

/* in[0]: a letter to keep; out[0]: all so far, which are forgotten. */
psa_status_t ff_trace_sfn(const psa_msg_t *message)
{
    if (message->in_size[0] != 0U) {
        count += psa_read(message->handle, 0U, &letters[count], sizeof(letters) - count);
        return (count < sizeof(letters)) ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    psa_write(message->handle, 0U, letters, count);
    count = 0U;
    return PSA_SUCCESS;
}
