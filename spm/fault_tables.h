/*
 * Names for the fault story: every stretch of the address space that the product gives a name.
 *
 * tools/gen writes fault_tables.c from the product file and the manifests; spm/fault_story.c reads
 * it, after a fault only.
 */
#ifndef BARTIZAN_SPM_FAULT_TABLES_H
#define BARTIZAN_SPM_FAULT_TABLES_H

#include <stdint.h>

enum spm_place_kind {
    SPM_PLACE_MEMORY,     /* no grant opens it; name is words */
    SPM_PLACE_FLASH,      /* name is that of the flash region in the product */
    SPM_PLACE_PERIPHERAL, /* name is that of the peripheral in the product */
};

struct spm_place {
    uint32_t first;
    uint32_t end;   /* one past the last byte */
    uint8_t kind;   /* enum spm_place_kind */
    uint8_t region; /* of the flash: FLASH_REGION_<NAME> */
    const char *name;
};

/* The first place that an address lies in is the one that is named. */
extern const struct spm_place spm_places[];
extern const uint32_t spm_place_count;

/* Names of the services, in table order. */
extern const char *const spm_service_names[];

/* Files whose lines grant things: the manifest of each partition, in table order; the product. */
extern const char *const spm_partition_manifests[];
extern const char spm_product_file[];

#endif
