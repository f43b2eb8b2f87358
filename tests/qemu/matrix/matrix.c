/*
 * A partition that tries to touch what its client names, and breaks some rules on request.
 *
 * Compiled for each of the four partitions of the test product; MATRIX_PARTITION is the name.
 */
#include "tests/qemu/matrix/matrix.h"

#include "spm/partition.h"
#include "tests/qemu/matrix/attempt.h"

#define STACK_LIMIT JOIN(__part_, MATRIX_PARTITION, _stack_limit)

extern uint32_t STACK_LIMIT[];

/* What the tests look up, and others try to touch. */
extern uint32_t OWN(data);
extern uint32_t OWN(bss);
void OWN(return )(void);

uint32_t OWN(data) = ATTEMPT_PLANT;
uint32_t OWN(bss);

__attribute__((naked, aligned(4))) void OWN(return )(void)
{
    __asm volatile("bx lr\n\tbx lr");
}

void OWN(plant)(void)
{
    uint64_t heap = spm_heap();
    uint32_t heap_end = (uint32_t)heap + (uint32_t)(heap >> 32);

    OWN(bss) = *(const uint32_t *)((uint32_t)OWN(return ) & ~1U);
    STACK_LIMIT[0] = OWN(data);
    ((uint32_t *)heap_end)[-1] = OWN(data);
}

static void spin(void)
{
    for (volatile uint32_t i = 0; i < 20000U; i++) {
    }
}

/* Secure code is built without floating point; what a partition does by hand stays its own. */
static void fp_fill(void)
{
    __asm volatile("mov r0, %0\n\t"
                   ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
                   ".inst.w 0xEC400B10 + \\number\n\t" /* vmov d<number>, r0, r0 */
                   ".endr"
                   :
                   : "r"(MATRIX_FP_MARK)
                   : "r0", "memory");
    spin();
}

static psa_status_t borrow(const psa_msg_t *message)
{
    psa_handle_t handle = 0;
    uint32_t word;

    (void)psa_read(message->handle, 0U, &handle, sizeof(handle));
    if (message->type == MATRIX_ANSWER) {
        psa_reply(handle, PSA_SUCCESS);
    } else {
        (void)psa_read(handle, 0U, &word, sizeof(word));
    }
    return PSA_SUCCESS;
}

/* Two in a row of one client. */
static psa_status_t stale(const psa_msg_t *message)
{
    static psa_handle_t before;
    uint32_t word;

    if (before != PSA_NULL_HANDLE) {
        (void)psa_read(before, 0U, &word, sizeof(word));
    }
    before = message->handle;
    return PSA_SUCCESS;
}

static psa_status_t attempt(const psa_msg_t *message)
{
    struct attempt attempt = {0};

    (void)psa_read(message->handle, 0U, &attempt, sizeof(attempt));
    attempt_run(&attempt);
    psa_write(message->handle, 0U, &attempt, sizeof(attempt));
    return PSA_SUCCESS;
}

psa_status_t OWN(serve)(const psa_msg_t *message)
{
    switch (message->type) {
    case MATRIX_ATTEMPT:
        return attempt(message);
    case MATRIX_BORROW:
    case MATRIX_ANSWER:
        return borrow(message);
    case MATRIX_FP:
        fp_fill();
        return PSA_SUCCESS;
    case MATRIX_STALE:
        return stale(message);
    default:
        return PSA_SUCCESS;
    }
}
