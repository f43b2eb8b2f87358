/*
 * Boot's counters, see counters.h: the product's counters region given to lib/counter.
 */
#include "boot/counters.h"

#include "layout.h"
#include "lib/counter/counter.h"
#include "platform/platform.h"

static psa_status_t area_read(const struct flash_area *area, uint32_t offset, void *buffer,
                              size_t length)
{
    return platform_flash_read(area->base + offset, buffer, length);
}

static psa_status_t area_program(const struct flash_area *area, uint32_t offset, const void *data,
                                 size_t length)
{
    return platform_flash_program(area->base + offset, data, length);
}

static psa_status_t area_erase(const struct flash_area *area, uint32_t offset)
{
    return platform_flash_erase(area->base + offset);
}

static const struct flash_area counters_area = {
    .read = area_read,
    .program = area_program,
    .erase = area_erase,
    .base = FLASH_COUNTERS_OFFSET,
    .size = FLASH_COUNTERS_SIZE,
    .sector_size = FLASH_SECTOR_SIZE,
    .program_unit = FLASH_PROGRAM_UNIT,
    .erased = FLASH_ERASED,
};

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
