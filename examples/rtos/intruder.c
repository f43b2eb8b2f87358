/*
 * A task that wants another task's memory: through the secure world, by naming it in a vector, and
 * then directly.
 *
 * Unprivileged. The secure world reads and writes for a caller only what the caller itself may: it
 * asks the non-secure MPU, for unprivileged code, as this task is. So each of these calls must be
 * refused, with nothing read or written.
 */
#include <string.h>

#include "psa/crypto.h"
#include "psa/internal_trusted_storage.h"
#include "psa_manifest/sid.h"
#include "tasks.h"

#define ATTEMPTS 20u
#define VICTIM   (&low_space.data)

static void expect(struct task_data *own, psa_status_t status, psa_status_t expected)
{
    own->calls++;
    own->busy += (status == PSA_ERROR_CONNECTION_BUSY) ? 1u : 0u;
    if (status == expected) {
        own->refused++;
    } else {
        own->wrong++;
    }
}

/* An input vector: a digest of it would tell what is there. */
static void read_by_vector(struct task_data *own, const void *target, size_t size)
{
    static const uint8_t untouched[HASH_BYTES] = {0};
    uint8_t hash[HASH_BYTES] = {0};
    size_t length = 0;

    expect(own, psa_hash_compute(PSA_ALG_SHA_256, target, size, hash, sizeof hash, &length),
           PSA_ERROR_INVALID_ARGUMENT);
    own->wrong += (memcmp(hash, untouched, sizeof hash) == 0) ? 0u : 1u;
}

/* An output vector: the supervisor looks whether the memory has changed. */
static void write_by_vector(struct task_data *own, void *target, size_t size)
{
    expect(own, psa_generate_random(target, size), PSA_ERROR_INVALID_ARGUMENT);
}

/* The array of vectors itself. */
static void use_array_of_victim(struct task_data *own)
{
    expect(own, psa_call(PSA_CRYPTO_HANDLE, PSA_IPC_CALL, VICTIM->vectors, 1, NULL, 0),
           PSA_ERROR_PROGRAMMER_ERROR);
}

void intruder(void *argument)
{
    struct task_data *own = argument;
    uint8_t *end = (uint8_t *)(own + 1);

    for (own->rounds = 0; own->rounds < ATTEMPTS; own->rounds++) {
        read_by_vector(own, VICTIM->secret, SECRET_BYTES);
        write_by_vector(own, VICTIM->secret, SECRET_BYTES);
        read_by_vector(own, &rtos_counts, sizeof rtos_counts); /* the kernel's */
        write_by_vector(own, &rtos_counts, sizeof rtos_counts);
        read_by_vector(own, end - 16, 32); /* its own, and beyond */
        write_by_vector(own, end - 16, 32);
        use_array_of_victim(own);
        vTaskDelay(2);
    }
    /* The MPU stops the task here. */
    own->wrong += *(volatile uint8_t *)VICTIM->secret;
    own->has_read = true;
    task_finish();
}
