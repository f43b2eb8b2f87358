/*
 * A power-fail-safe key-value store in flash: a log of records over two or more sectors
 * (docs/formats/store.md).
 *
 * Called by services that own a flash region (ITS first). Setting appends one record; a sector is
 * erased only when the log moves on to it. An operation that returned PSA_SUCCESS survives every
 * power cut; one that was cut off has happened wholly or not at all. Uses no memory but the
 * structures it is given; knows nothing about clients or policy: owner and flags are stored, not
 * interpreted. Not re-entrant.
 */
#ifndef BARTIZAN_STORE_H
#define BARTIZAN_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/flash/flash.h"
#include "psa/error.h"

/* Bit of the flags that the store itself heeds: the asset can be neither replaced nor removed,
 * unless it is damaged. The other bits are kept for the user. (The same bit as
 * PSA_STORAGE_FLAG_WRITE_ONCE.) */
#define STORE_WRITE_ONCE 1U

struct store_key {
    int32_t owner; /* client id */
    uint64_t uid;
};

struct store_info {
    uint32_t size_bytes;
    uint32_t flags;
};

/* One slot of the index; the caller supplies an array of them, the store alone looks inside. */
struct store_entry {
    uint32_t hash;  /* of the key */
    uint32_t place; /* where its record is, how large, marks; 0: the slot is free */
};

#define STORE_SCRATCH_MIN 64U /* bytes */

/* What a store is made of: constant, set by the product. Must outlive the store. */
struct store_config {
    const struct flash_area *area;
    struct store_entry *index;
    uint32_t index_length;   /* largest number of assets */
    uint32_t asset_size_max; /* bytes */
    /* What store_mount() reads the log through, and nothing else uses: the more there is, the fewer
     * reads. Free for other use between mounts; records of any asset may be left in it. */
    uint32_t *scratch;
    uint32_t scratch_bytes; /* STORE_SCRATCH_MIN at least */
    /* NULL, or asked for each asset record that a mount finds, in the log or by a checkpoint: false
     * passes it over as if it were not there. For a user who keeps elsewhere which record of an
     * asset counts: what is mounted is a part of that, what is lost is missing. A removal always
     * counts. */
    bool (*accept)(const struct store_config *config, const struct store_key *key,
                   const struct store_info *info);
};

/* A mounted store. The caller supplies it, the store alone looks inside. */
struct store {
    const struct store_config *config;
    const struct flash_area *area; /* config->area */
    struct store_entry *index;     /* config->index: a hash table, open addressing */
    uint32_t index_length;         /* config->index_length */
    uint32_t fill_mask;            /* records are filled up to multiples of this and 1 */
    uint32_t count;                /* entries in use */
    uint32_t head;                 /* offset of the sector that takes records */
    uint32_t sequence;             /* of the head; 0: the region is new */
    uint32_t tail;                 /* sequence of the oldest sector with records that count */
    uint32_t end;                  /* offset in the head of the first byte after its records */
    uint32_t erases;               /* erase count of the head */
    uint32_t checkpoint;           /* sequence of the newest sector with a checkpoint, or 0 */
    uint32_t collect_from;         /* when end is beyond this, operations collect: see log.c */
    bool closed;                   /* the head takes no more records */
};

/* A record between store_prepare() and store_commit(); the store alone looks inside. */
struct store_pending {
    struct store_entry *entry;
    struct store_entry made;
};

struct store_usage {
    uint32_t assets;
    uint32_t assets_max;
    uint32_t record_bytes;   /* occupied by the records of live assets, headers included */
    uint32_t capacity_bytes; /* of all sectors but the one that is kept free */
    uint32_t admitted_size;  /* of the largest asset that could be created now; 0: none, or empty */
    uint32_t erases; /* erase count of the newest sector; others have the same or one less */
};

/* Mounts the store in the region; writes nothing.
 * PSA_SUCCESS; PSA_ERROR_INVALID_ARGUMENT: geometry or asset size that the format cannot use, no
 * index, or too little scratch memory;
 * PSA_ERROR_INSUFFICIENT_MEMORY: more assets in the region than index_length;
 * PSA_ERROR_DATA_CORRUPT: unknown content, unknown version, other geometry, or a damaged log. The
 * region is never changed or re-formatted. */
psa_status_t store_mount(struct store *store, const struct store_config *config)
    __attribute__((warn_unused_result));

/* Creates the asset or replaces it, data and flags. data may be NULL when length is 0. At most two
 * erases, and at most two sectors of copies besides the asset (docs/formats/store.md, Pace); with
 * fewer than 8 sectors N - 1 of both.
 * PSA_SUCCESS; PSA_ERROR_NOT_PERMITTED: the asset has STORE_WRITE_ONCE;
 * PSA_ERROR_INSUFFICIENT_STORAGE: index full, asset too large, or no space (never for replacing an
 * asset by one of at most its size); PSA_ERROR_STORAGE_FAILURE: the flash does not take it (the
 * asset is as it was, or as asked for after the next mount). */
psa_status_t store_set(struct store *store, const struct store_key *key, const void *data,
                       size_t length, uint32_t flags) __attribute__((warn_unused_result));

/* The first half of store_set(): appends the record, but the store goes on showing, and keeping,
 * what it had. No other operation than reads may come between this and store_commit(). A record
 * that is never committed takes no part in this mount; in the next, config->accept() must tell it
 * from those that were. Errors as store_set(). */
psa_status_t store_prepare(struct store *store, const struct store_key *key, const void *data,
                           size_t length, uint32_t flags, struct store_pending *pending)
    __attribute__((warn_unused_result));

/* The second half: the record is the asset now. Does the part of the collection that the operation
 * owes; if the flash does not take that, the next operation does it. */
void store_commit(struct store *store, const struct store_pending *pending);

/* Copies up to length bytes of the asset from offset on into buffer; *actual tells how many there
 * were. PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_INVALID_ARGUMENT: offset beyond the
 * asset's end; PSA_ERROR_DATA_CORRUPT: the asset was damaged in flash (until it is replaced or
 * removed). */
psa_status_t store_get(struct store *store, const struct store_key *key, size_t offset,
                       void *buffer, size_t length, size_t *actual)
    __attribute__((warn_unused_result));

/* As store_get(), and fills *info: the bytes copied are the smaller of length and info->size_bytes -
 * offset. */
psa_status_t store_get_with_info(struct store *store, const struct store_key *key, size_t offset,
                                 void *buffer, size_t length, struct store_info *info)
    __attribute__((warn_unused_result));

/* PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_DATA_CORRUPT: size unknown, damaged in flash. */
psa_status_t store_get_info(const struct store *store, const struct store_key *key,
                            struct store_info *info) __attribute__((warn_unused_result));

/* PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST; PSA_ERROR_NOT_PERMITTED: the asset has STORE_WRITE_ONCE;
 * PSA_ERROR_STORAGE_FAILURE as store_set(). Never fails for lack of space. */
psa_status_t store_remove(struct store *store, const struct store_key *key)
    __attribute__((warn_unused_result));

/* The key at position 0, 1, ... in no particular order; setting or removing may change the order.
 * PSA_SUCCESS; PSA_ERROR_DOES_NOT_EXIST: position is past the last asset; PSA_ERROR_DATA_CORRUPT:
 * there is an asset, but its key is not readable. Those after it are listed all the same. */
psa_status_t store_list(const struct store *store, uint32_t position, struct store_key *key)
    __attribute__((warn_unused_result));

void store_get_usage(struct store *store, struct store_usage *usage);

#endif
