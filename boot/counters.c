/*
 * Boot's counters, see counters.h: the product's counters region given to lib/counter.
 *
 * Called by main.c. Writes to that region alone, once per boot.
 */
#include "boot/counters.h"

#include "boot/flash.h"
#include "lib/counter/counter.h"

static const struct flash_area counters_area =
    BOOT_FLASH_AREA(FLASH_COUNTERS_OFFSET, FLASH_COUNTERS_SIZE);

static struct counter_log counters_log;

psa_status_t counters_mount(void)
{
    return counter_mount(&counters_log, &counters_area);
}

psa_status_t counters_count_boot(uint32_t *count)
{
    return counter_increment(&counters_log, COUNTER_ID_BOOT, count);
}

psa_status_t counters_read_security(uint32_t image_id, uint32_t *minimum)
{
    return counter_read(&counters_log, COUNTER_ID_SECURITY(image_id), minimum);
}
