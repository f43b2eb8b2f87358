/*
 * The PSA Root of Trust partition of the SFN model.
 */
#include "psa_manifest/psa_sfn.h"

#include "tests/qemu/matrix/matrix.h"

psa_status_t psa_sfn_init(void)
{
    OWN(plant)();
    return PSA_SUCCESS;
}

psa_status_t psa_sfn_sfn(const psa_msg_t *message)
{
    return OWN(serve)(message);
}
