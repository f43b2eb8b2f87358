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

#include "psa/service.h"

/* One Armv8-M MPU region as its two register values. It is also the answer to "may this partition
 * pass a buffer that lies here?": base, limit and access permission are read back from it. */
struct spm_mpu_region {
    uint32_t rbar;
    uint32_t rlar;
};

/* The first SPM_MPU_GROUP regions of a list are loaded in one go; lists are padded with disabled
 * ones. */
#define SPM_MPU_GROUP 4U

enum spm_model { SPM_MODEL_SFN, SPM_MODEL_IPC };
enum spm_rot { SPM_ROT_PSA, SPM_ROT_APPLICATION };

/* Secrets that a partition may fetch once from the hand-off (bits of spm_partition.secrets). */
enum spm_secret {
    SPM_SECRET_GENERATOR_SEED,
    SPM_SECRET_RUNTIME_ROOT,
    SPM_SECRET_ATTESTATION_KEY,
    SPM_SECRET_BOOT_SEED,
};

/* What the manager does for a partition on request (bits of spm_partition.rights). */
enum spm_right {
    SPM_RIGHT_HANDOFF, /* spm_read_handoff() */
    SPM_RIGHT_RESET,   /* spm_reset() */
};

struct spm_partition {
    int32_t id; /* permanent, positive */
    const char *name;
    uint8_t model;                        /* enum spm_model */
    uint8_t rot;                          /* enum spm_rot */
    uint8_t priority;                     /* 0 low, 1 normal, 2 high */
    psa_status_t (*init)(void);           /* SFN: entry_init, or NULL */
    void (*entry)(void);                  /* IPC: entry_point, or NULL */
    uint32_t stack_limit;                 /* lowest address */
    uint32_t stack_top;                   /* one past the highest, 8-byte aligned */
    const struct spm_mpu_region *regions; /* the first one is the same in every list */
    uint32_t region_count;                /* at least SPM_MPU_GROUP, padding included */
    const uint32_t *dependencies;         /* SIDs that it may call */
    uint32_t dependency_count;
    uint32_t rights;             /* bit mask of 1 << enum spm_right */
    uint32_t secrets;            /* bit mask of 1 << enum spm_secret */
    const uint32_t *peripherals; /* base addresses to grant at start */
    uint32_t peripheral_count;
};

enum spm_version_policy { SPM_VERSION_RELAXED, SPM_VERSION_STRICT };

struct spm_service {
    uint32_t sid;
    uint32_t version;
    uint8_t version_policy;                        /* enum spm_version_policy */
    uint8_t partition;                             /* index into spm_partitions */
    uint8_t non_secure_clients;                    /* 0 or 1 */
    uint8_t connection_based;                      /* 0 or 1 */
    psa_status_t (*sfn)(const psa_msg_t *message); /* SFN model, or NULL */
    psa_signal_t signal;                           /* IPC model, or 0 */
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

/* Memory to initialise before the partitions run: copied from the image, then zeroed. */
struct spm_memory_init {
    const uint32_t *load;
    uint32_t *data;
    uint32_t *data_end;
    uint32_t *bss;
    uint32_t *bss_end;
};

extern const struct spm_partition spm_partitions[];
extern const uint32_t spm_partition_count;

/* Indices into spm_partitions in the order of their init functions: servers come first. */
extern const uint8_t spm_start_order[];

/* Sorted by SID. */
extern const struct spm_service spm_services[];
extern const uint32_t spm_service_count;

/* Stateless services by index (handle bits 4..0, see psa/client.h); NULL where unused. */
#define SPM_STATELESS_MAX 32U
extern const struct spm_service *const spm_stateless_services[SPM_STATELESS_MAX];

extern const struct spm_flash_grant spm_flash_grants[];
extern const uint32_t spm_flash_grant_count;

extern const struct spm_memory_init spm_memory_inits[];
extern const uint32_t spm_memory_init_count;

/* The thread behind the gateway: its regions and stack. */
extern const struct spm_mpu_region spm_agent_regions[];
extern const uint32_t spm_agent_region_count;

/* The manager's own data: one privileged, never executable region. */
extern const struct spm_mpu_region spm_manager_region;

#endif
