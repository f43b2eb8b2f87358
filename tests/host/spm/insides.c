/*
 * The files of the manager that keep state of their own, compiled here so that the test can look at
 * it and begin anew.
 */
#include "insides.h"

#include <string.h>

#include "spm/interrupt.c"
#include "spm/isolate.c"

#include "spm/connection.c"

void insides_reset(void)
{
    pending = 0U;
    opened = 0U;
    flih_index = 0U;
    (void)memset(&flih_interrupted, 0, sizeof(flih_interrupted));
    flih_traps = NULL;
    spm_state.region_count = SPM_MPU_GROUP;
    (void)memset(connections, 0, sizeof(connections));
    connection_serial = 0U;
}

const struct spm_connection *insides_connection(uint32_t place)
{
    return &connections[place];
}

uint32_t insides_opened(void)
{
    return opened;
}

uint32_t insides_pending(void)
{
    return pending;
}
