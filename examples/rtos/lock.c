/*
 * The lock around every secure call (bartizan/ns_lock.h): a mutex with priority inheritance.
 *
 * Called by libpsa_ns in the caller's thread and with its privilege; a task that waits here lends
 * its priority to the one that is inside the secure world. Before the scheduler starts there is one
 * caller only, and nothing to wait for. Left out of the build, calls are refused as busy.
 */
#include "bartizan/ns_lock.h"

#include "tasks.h"

void bartizan_ns_lock(void)
{
    if (shared.lock != NULL) {
        configASSERT(xSemaphoreTake(shared.lock, portMAX_DELAY) == pdTRUE);
    }
}

void bartizan_ns_unlock(void)
{
    if (shared.lock != NULL) {
        configASSERT(xSemaphoreGive(shared.lock) == pdTRUE);
    }
}
