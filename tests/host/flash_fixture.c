/*
 * See flash_fixture.h.
 */
#include "flash_fixture.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct geometry geometries[] = {
    {"4096/8", 4096, 8, 0xFF}, {"2048/16", 2048, 16, 0xFF},        {"8192/32", 8192, 32, 0xFF},
    {"4096/1", 4096, 1, 0xFF}, {"2048/4 erased 0", 2048, 4, 0x00},
};
const size_t geometry_count = sizeof geometries / sizeof geometries[0];

_Static_assert(offsetof(struct fixture, nor) == offsetof(struct fixture_flash, nor), "found alike");

static struct fixture *opened; /* the last one: its reads are counted */

static struct nor *model(const struct flash_area *area)
{
    return &((struct fixture_flash *)(uintptr_t)area)->nor;
}

static psa_status_t area_read(const struct flash_area *area, uint32_t offset, void *buffer,
                              size_t length)
{
    if (++opened->reads == opened->reads_max) {
        (void)fputs("the flash is read for ever\n", stderr);
        abort();
    }
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

static void flash_open(struct fixture *fixture, struct fixture_flash *flash,
                       const struct geometry *geometry, uint32_t sectors)
{
    uint32_t size = sectors * geometry->sector_size;
    uint32_t first_cell = fixture_cells(fixture);

    if (size > FIXTURE_BYTES_MAX - first_cell) {
        abort();
    }
    memset(fixture->image.cells + first_cell, geometry->erased, size);
    flash->nor = (struct nor){
        .base = fixture->image.cells + first_cell,
        .sector_size = geometry->sector_size,
        .program_unit = geometry->program_unit,
        .erased = geometry->erased,
        .hooks = &fixture->hooks,
        .units_first = fixture_units(fixture),
    };
    flash->nor.size = size;
    flash->area = (struct flash_area){
        .read = area_read,
        .program = area_program,
        .erase = area_erase,
        .size = size,
        .sector_size = geometry->sector_size,
        .program_unit = geometry->program_unit,
        .erased = geometry->erased,
    };
}

void fixture_open(struct fixture *fixture, const struct geometry *geometry, uint32_t sectors)
{
    struct fixture_flash first;

    memset(fixture, 0, sizeof *fixture);
    opened = fixture;
    fixture->hooks.units = fixture->image.units;
    fixture->hooks.on_stop = stop;
    fixture->hooks.context = fixture;
    flash_open(fixture, &first, geometry, sectors);
    fixture->area = first.area;
    fixture->nor = first.nor;
}

void fixture_open_second(struct fixture *fixture, const struct geometry *geometry, uint32_t sectors)
{
    flash_open(fixture, &fixture->second, geometry, sectors);
}

static uint32_t units_of(const struct nor *nor)
{
    return nor->size == 0U ? 0U : nor->size / nor->program_unit;
}

uint32_t fixture_cells(const struct fixture *fixture)
{
    return fixture->nor.size + fixture->second.nor.size;
}

uint32_t fixture_units(const struct fixture *fixture)
{
    return units_of(&fixture->nor) + units_of(&fixture->second.nor);
}

void fixture_save(const struct fixture *fixture, struct flash_image *image)
{
    memcpy(image->cells, fixture->image.cells, fixture_cells(fixture));
    memcpy(image->units, fixture->image.units, fixture_units(fixture));
}

void fixture_restore(struct fixture *fixture, const struct flash_image *image)
{
    memcpy(fixture->image.cells, image->cells, fixture_cells(fixture));
    memcpy(fixture->image.units, image->units, fixture_units(fixture));
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
