/*
 * A reference for lib/store: what a store must contain, kept in plain arrays, and the comparison of
 * a mounted store with it.
 *
 * Used by the suites of lib/store. Asset contents are made from a number, so that the model keeps
 * only that.
 */
#ifndef BARTIZAN_TESTS_STORE_MODEL_H
#define BARTIZAN_TESTS_STORE_MODEL_H

#include "lib/store/store.h"

#define MODEL_KEYS     40U
#define MODEL_SIZE_MAX 4096U

struct model_asset {
    bool present;
    uint32_t size;
    uint32_t flags;
    uint32_t content; /* number that the bytes are made from */
};

struct model {
    struct model_asset assets[MODEL_KEYS];
};

enum model_operation { MODEL_SET, MODEL_REMOVE };

/* One operation on a store. status is what the store answered. */
struct model_step {
    struct store *store;
    enum model_operation operation;
    uint32_t key;
    struct model_asset asset; /* for MODEL_SET */
    psa_status_t status;
};

/* The store key of key number. Keys differ in owner, or in the low or high half of the uid. */
struct store_key model_key(uint32_t number);

/* Fills buffer with the bytes of a content. */
void model_fill(uint32_t content, uint8_t *buffer, size_t length);

/* Performs the step on its store; context is a struct model_step. */
void model_perform(void *context);

/* Performs the step on the model. */
void model_apply(struct model *model, const struct model_step *step);

/* What the store must answer to the step, by the rules of docs/formats/store.md. */
psa_status_t model_expect(const struct model *model, const struct model_step *step);

/* True when the asset of key number in the store is exactly this one, or absent when it is not
 * present. */
bool model_asset_is(struct store *store, uint32_t number, const struct model_asset *asset);

/* Number of the first key whose asset is not as in the model, MODEL_KEYS if all are. Keys at and
 * above count are not looked at. */
uint32_t model_difference(const struct model *model, struct store *store, uint32_t count);

/* A pseudo-random step: sets of mixed sizes up to size_max, and one remove in four. */
struct model_step model_random_step(struct store *store, uint32_t keys, uint32_t size_max,
                                    uint32_t *seed);

#endif
