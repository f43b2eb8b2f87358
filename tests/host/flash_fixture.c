/*
 * See flash_fixture.h.
 */
#include "flash_fixture.h"

#include <stdlib.h>
#include <string.h>

const struct geometry geometries[] = {
    {"4096/8", 4096, 8, 0xFF}, {"2048/16", 2048, 16, 0xFF},        {"8192/32", 8192, 32, 0xFF},
    {"4096/1", 4096, 1, 0xFF}, {"2048/4 erased 0", 2048, 4, 0x00},
};
const size_t geometry_count = sizeof geometries / sizeof geometries[0];

static struct nor *model(const struct flash_area *area)
{
    return &((struct fixture *)(uintptr_t)area)->nor;
}

static psa_status_t area_read(const struct flash_area *area, uint32_t offset, void *buffer,
                              size_t length)
{
    return nor_read(model(area), offset, buffer, length);
}

static psa_status_t area_program(const struct flash_area *area, uint32_t offset, const void *data,
                                 size_t length)
{
    return nor_program(model(area), offset, data, length);
}

static psa_status_t area_erase(const struct flash_area *area, uint32_t offset)
{
    return nor_erase(model(area), offset);
}

static void stop(void *context)
{
    struct fixture *fixture = context;

    longjmp(fixture->stopped, 1);
}

void fixture_open(struct fixture *fixture, const struct geometry *geometry, uint32_t sectors)
{
    uint32_t size = sectors * geometry->sector_size;

    if (size > FIXTURE_BYTES_MAX) {
        abort();
    }
    memset(fixture, 0, sizeof *fixture);
    memset(fixture->image.cells, geometry->erased, size);
    fixture->hooks.units = fixture->image.units;
    fixture->hooks.on_stop = stop;
    fixture->hooks.context = fixture;
    fixture->nor = (struct nor){
        .base = fixture->image.cells,
        .size = size,
        .sector_size = geometry->sector_size,
        .program_unit = geometry->program_unit,
        .erased = geometry->erased,
        .hooks = &fixture->hooks,
    };
    fixture->area = (struct flash_area){
        .read = area_read,
        .program = area_program,
        .erase = area_erase,
        .size = size,
        .sector_size = geometry->sector_size,
        .program_unit = geometry->program_unit,
        .erased = geometry->erased,
    };
}

void fixture_save(const struct fixture *fixture, struct flash_image *image)
{
    memcpy(image->cells, fixture->image.cells, fixture->nor.size);
    memcpy(image->units, fixture->image.units, fixture->nor.size / fixture->nor.program_unit);
}

void fixture_restore(struct fixture *fixture, const struct flash_image *image)
{
    memcpy(fixture->image.cells, image->cells, fixture->nor.size);
    memcpy(fixture->image.units, image->units, fixture->nor.size / fixture->nor.program_unit);
}

bool fixture_run(struct fixture *fixture, void (*action)(void *context), void *context,
                 uint32_t stop_at, enum nor_tear tear, uint32_t *operations)
{
    bool struck = false;

    fixture->hooks.operations = 0;
    fixture->hooks.stop_at = stop_at;
    fixture->hooks.tear = tear;
    if (setjmp(fixture->stopped) == 0) {
        action(context);
    }
    /* Not a local set between setjmp and longjmp: the count tells whether the stop struck. */
    struck = stop_at != 0U && fixture->hooks.operations >= stop_at;
    fixture->hooks.stop_at = 0;
    if (operations != NULL) {
        *operations = fixture->hooks.operations;
    }
    return struck;
}

uint32_t fixture_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}
