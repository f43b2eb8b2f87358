/*
 * The partition of the knobs: takes every connection and answers every call with success.
 *
 * Called by the manager for each message on KNOBS, as limits.c of the application makes them.
 */
#include "psa/service.h"

psa_status_t knobs_sfn(const psa_msg_t *message);

psa_status_t knobs_sfn(const psa_msg_t *message)
{
    (void)message;
    return PSA_SUCCESS;
}
