/*
 * The manager's view of the product: partitions, services, regions and grants, as const tables.
 *
 * tools/gen writes spm_tables.c from the product file and the partitions' manifests; spm/ reads it.
 * This is the only interface between the two. The isolation level is data in here: it decides which
 * MPU regions stand in a partition's list, and nothing in the manager asks for it.
 */
#ifndef BARTIZAN_SPM_TABLES_H
#define BARTIZAN_SPM_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "psa/service.h"
#include "spm/partition.h"

/* One Armv8-M MPU region as its two register values. It is also the answer to "may this partition
 * pass a buffer that lies here?": base, limit and access permission are read back from it. */
struct spm_mpu_region {
    uint32_t rbar;
    uint32_t rlar;
};

/* The first SPM_MPU_GROUP regions of a list are loaded in one go; lists are padded with disabled
 * ones. Region 0 is the same in every list: gateways and shared code. Region 1 is the RAM. */
#define SPM_MPU_GROUP 4U

/* Regions that are left for psa_map_invec() and psa_map_outvec() in a partition that uses them. */
#define SPM_MAPS_MAX 2U

enum spm_rot { SPM_ROT_PSA, SPM_ROT_APPLICATION };

/* What the manager does for a partition on request (bits of spm_partition.rights). */
enum spm_right {
    SPM_RIGHT_HANDOFF, /* spm_read_handoff() */
    SPM_RIGHT_RESET,   /* spm_reset() */
};

/* Memory of a partition that is initialised before it runs: copied from the image, then zeroed. All
 * multiples of 8 bytes. */
struct spm_memory_init {
    const uint32_t *load;
    uint32_t *data;
    uint32_t *data_end;
    uint32_t *bss; /* the first words of the heap are in it, so that an empty heap is all zero */
    uint32_t *bss_end;
};

/* layout.h says which parts of FF-M the product uses: SPM_IRQS, SPM_HAS_IPC, _HEAP, _CONNECTIONS,
 * _MM_IOVEC, _RESTART. What it does not use is refused, and its code is left out by the linker. */

/* One bit for each service, by its place in spm_services. */
#define SPM_SERVICE_WORDS ((SPM_SERVICES + 31U) / 32U)

struct spm_partition {
    int32_t id; /* permanent, positive */
    const char *name;
    uint8_t rot;     /* enum spm_rot */
    uint8_t restart; /* 1: its end restarts the partition, 0: the device */
    /* Where it starts: an IPC partition's entry_point; for an SFN partition NULL, and sfn_init is
     * its entry_init, or NULL. */
    void (*entry)(void);
    psa_status_t (*sfn_init)(void);
    uint32_t stack_limit; /* lowest address */
    uint32_t stack_top;   /* one past the highest, 8-byte aligned */
    uint32_t heap_base;   /* 8-byte aligned; 0: no heap */
    uint32_t heap_size;
    struct spm_memory_init memory;
    const struct spm_mpu_region *regions;
    uint32_t region_count;                /* at least SPM_MPU_GROUP, padding included */
    uint32_t services[SPM_SERVICE_WORDS]; /* bit n: may call spm_services[n] */
    psa_signal_t signals;                 /* assigned to it; 0 for an SFN partition without irqs */
    uint32_t rights;                      /* bit mask of 1 << enum spm_right */
    uint32_t secrets;                     /* bit mask of 1 << enum spm_secret */
    const uint32_t *peripherals;          /* base addresses to grant at start */
    uint32_t peripheral_count;
};

enum spm_version_policy { SPM_VERSION_RELAXED, SPM_VERSION_STRICT };

/* The signal of an SFN service, which nobody can wait for. */
#define SPM_SIGNAL_SFN 1U

struct spm_thread;

struct spm_service {
    uint32_t sid;
    uint32_t version;
    uint32_t handle;           /* static handle for this version; 0: connection-based */
    struct spm_thread *thread; /* of its partition */
    psa_status_t (*sfn)(const psa_msg_t *message); /* SFN model, or NULL */
    psa_signal_t signal;                           /* IPC model, or SPM_SIGNAL_SFN */
    uint32_t mask; /* own bit in word `word` of a client's services */
    uint8_t word;
    uint8_t version_policy;   /* enum spm_version_policy */
    uint8_t connection_based; /* 0 or 1 */
    uint8_t mm_iovec;         /* 0 or 1: psa_map_invec() and the like */
};

/* An interrupt of the device that a partition handles. FF-M 1.1, 4.5. */
struct spm_irq {
    uint16_t number;    /* external interrupt */
    uint8_t partition;  /* index into spm_partitions */
    uint8_t from_start; /* 1: enabled when the partition starts (FF-M 1.0 manifests) */
    psa_signal_t signal;
    psa_flih_result_t (*flih)(void); /* NULL: second-level handling */
};

/* A flash region and what one partition may do with it. Rights: bit 0 read, bit 1 program and
 * erase. */
#define SPM_FLASH_READ  1U
#define SPM_FLASH_WRITE 2U
struct spm_flash_grant {
    uint8_t partition;
    uint8_t region; /* FLASH_REGION_<NAME> of layout.h: the number that partitions use */
    uint8_t rights;
    uint32_t offset; /* from the start of the flash */
    uint32_t size_bytes;
};

/* Highest priority first: the index is the rank. */
extern const struct spm_partition spm_partitions[];
extern const uint32_t spm_partition_count;

/* Sorted by SID. */
extern const struct spm_service spm_services[SPM_SERVICES];

/* Services that are open to the non-secure side, as spm_partition.services. */
extern const uint32_t spm_agent_services[SPM_SERVICE_WORDS];

/* Stateless services by index (handle bits 4..0, see psa/client.h); NULL where unused. */
#define SPM_STATELESS_MAX 32U
extern const struct spm_service *const spm_stateless_services[SPM_STATELESS_MAX];

extern const struct spm_irq spm_irqs[]; /* SPM_IRQS of them, at most 32 */

extern const struct spm_flash_grant spm_flash_grants[];
extern const uint32_t spm_flash_grant_count;

/* The thread behind the gateway, and the idle one: their regions and stacks. */
extern const struct spm_mpu_region spm_agent_regions[];
extern const uint32_t spm_agent_region_count;

/* The manager's own data: one privileged, never executable region. */
extern const struct spm_mpu_region spm_manager_region;

#endif
