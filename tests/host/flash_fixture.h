/*
 * A flash region for native tests, or two of different parts: the NOR model with hooks behind
 * struct flash_area, snapshots, and power cuts by longjmp.
 *
 * Used by the suites of lib/counter and lib/store.
 */
#ifndef BARTIZAN_TESTS_FLASH_FIXTURE_H
#define BARTIZAN_TESTS_FLASH_FIXTURE_H

#include <setjmp.h>

#include "lib/flash/flash.h"
#include "platform/nor/nor_hooks.h"

#define FIXTURE_BYTES_MAX 0x20000U

struct geometry {
    const char *name;
    uint32_t sector_size;
    uint32_t program_unit;
    uint8_t erased;
};

/* What survives a power cut. */
struct flash_image {
    uint8_t cells[FIXTURE_BYTES_MAX];
    uint8_t units[FIXTURE_BYTES_MAX];
};

struct fixture_flash {
    struct flash_area area; /* first: the area's functions find the model by it */
    struct nor nor;
};

struct fixture {
    struct flash_area area; /* area and nor: as struct fixture_flash */
    struct nor nor;
    struct fixture_flash second; /* when opened: its cells and units follow those of the first */
    struct nor_hooks hooks;      /* of both */
    uint64_t reads;              /* since it was opened */
    uint64_t reads_max;          /* 0: no limit. One more aborts: who reads for ever hangs */
    struct flash_image image;
    jmp_buf stopped;
};

/* The geometries that every suite runs with; geometry_count of them. */
extern const struct geometry geometries[];
extern const size_t geometry_count;

/* An erased region of sectors sectors. */
void fixture_open(struct fixture *fixture, const struct geometry *geometry, uint32_t sectors);

/* One more erased region, in the same device: a power cut strikes both. */
void fixture_open_second(struct fixture *fixture, const struct geometry *geometry,
                         uint32_t sectors);

/* Cells and units in use, of both regions. */
uint32_t fixture_cells(const struct fixture *fixture);
uint32_t fixture_units(const struct fixture *fixture);

void fixture_save(const struct fixture *fixture, struct flash_image *image);
void fixture_restore(struct fixture *fixture, const struct flash_image *image);

/* Runs action(context) with the power failing at operation number stop_at (0: never), left as tear
 * says. Returns true when it struck. *operations, if given, gets the number of operations that were
 * begun. */
bool fixture_run(struct fixture *fixture, void (*action)(void *context), void *context,
                 uint32_t stop_at, enum nor_tear tear, uint32_t *operations);

/* Pseudo-random numbers, the same on every machine. */
uint32_t fixture_random(uint32_t *seed);

#endif
