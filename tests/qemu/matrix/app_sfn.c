/*
 * The Application Root of Trust partition of the SFN model.
 */
#include "psa_manifest/app_sfn.h"

#include "tests/qemu/matrix/matrix.h"

psa_status_t app_sfn_init(void)
{
    OWN(plant)();
    return PSA_SUCCESS;
}

psa_status_t app_sfn_sfn(const psa_msg_t *message)
{
    return OWN(serve)(message);
}

psa_status_t app_sfn_connected_sfn(const psa_msg_t *message)
{
    (void)message;
    return PSA_SUCCESS;
}
