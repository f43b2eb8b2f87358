/*
 * Protected Storage as a device has it, for native proofs: its real core over two flash parts that
 * lose power together, a reference of what every asset must be, and a record of every nonce.
 *
 * Used by test_ps_cuts.c, test_ps_attacks.c and the fuzzing of its medium. Links with
 * --wrap=seal_encrypt, so that no nonce passes unseen.
 */
#ifndef BARTIZAN_TESTS_PS_DEVICE_H
#define BARTIZAN_TESTS_PS_DEVICE_H

#include "flash_fixture.h"
#include "services/ps/assets.h"

#define PS_KEYS       8U
#define PS_SIZE_MAX   300U
#define PS_NONCES_MAX 600U

struct ps_part {
    struct geometry geometry;
    uint32_t sectors;
};

struct ps_asset {
    uint32_t present;
    uint32_t size;
    uint32_t capacity;
    uint32_t flags;
    uint8_t data[PS_SIZE_MAX]; /* zero beyond size */
};

/* What survives a reset, and tells states apart. */
struct ps_reference {
    struct ps_asset assets[PS_KEYS];
    uint32_t boots; /* the manager's, in each nonce */
};

enum ps_operation { PS_SET, PS_REMOVE, PS_CREATE, PS_EXTEND };

struct ps_step {
    enum ps_operation operation;
    uint32_t key;
    uint32_t offset; /* for PS_EXTEND */
    uint32_t length; /* capacity for PS_CREATE */
    uint32_t flags;
    uint32_t content; /* number that the bytes are made from */
    psa_status_t status;
};

/* Every nonce that sealed something in this history. */
struct ps_nonces {
    uint32_t count;
    bool repeated;
    uint8_t used[PS_NONCES_MAX][SEAL_NONCE_BYTES];
};

/* Working memory of the device. Saved and restored as one; a reset overwrites it. */
struct ps_memory {
    struct assets assets;
    struct store_entry medium_index[PS_KEYS];
    struct store_entry anchor_index[PS_KEYS];
    _Alignas(4) uint8_t buffer[ASSETS_OVERHEAD_BYTES + PS_SIZE_MAX];
};

extern struct fixture ps_fixture; /* the medium, and as second the anchor */
extern struct ps_memory ps_memory;
extern struct ps_reference ps_reference;
extern struct ps_nonces ps_nonces;
extern struct assets_config ps_config;

/* New flash, no assets, no nonces; the largest asset has size_max bytes. Not started. */
void ps_device_open(const struct ps_part *medium, const struct ps_part *anchor, uint32_t size_max);

/* A reset: working memory is lost, the boot count grows, both stores are mounted. */
psa_status_t ps_device_start(void);

struct store_key ps_key(uint32_t number);

/* Performs the step on the device; context is a struct ps_step. */
void ps_perform(void *context);

/* What the device must answer, and what the reference is after that answer. */
psa_status_t ps_expect(const struct ps_step *step);
void ps_apply(const struct ps_step *step);

/* PSA_SUCCESS: the device has exactly this asset, or says that there is none when it is not
 * present. PSA_ERROR_GENERIC_ERROR: another one. Otherwise what the device answers. */
psa_status_t ps_asset_status(uint32_t key, const struct ps_asset *asset);

/* The step in words. */
void ps_tell(const struct ps_step *step, char *text, size_t size);

#endif
