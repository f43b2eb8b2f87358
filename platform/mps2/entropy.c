/*
 * Entropy: the board has no generator.
 *
 * Called by boot, which derives its seeds from the provisioned entropy seed and the boot counter
 * instead.
 */
#include "platform/platform.h"

psa_status_t platform_entropy(void *buffer, size_t length)
{
    (void)buffer;
    (void)length;
    return PSA_ERROR_NOT_SUPPORTED;
}
