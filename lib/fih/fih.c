/*
 * Hardened values, see fih.h. The two words of a verdict come from two passes over volatile data,
 * in different order, so that the compiler keeps both and a fault in one shows in the pair.
 */
#include "lib/fih/fih.h"

/* Zero stays zero, anything else becomes a word with a bit in each byte. */
static uint32_t fih_spread(uint32_t difference)
{
    return difference * UINT32_C(0x01010101);
}

void fih_judge_equal(const void *a, const void *b, size_t length, volatile fih_t *verdict)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint32_t forward = 0;
    uint32_t backward = 0;
    volatile size_t up = 0;
    volatile size_t down = length;

    while (up < length) {
        forward |= (uint32_t)(x[up] ^ y[up]);
        up++;
    }
    while (down > 0U) {
        down--;
        backward |= (uint32_t)(x[down] ^ y[down]);
    }
    /* The counters are part of the verdict: a loop left early does not make a success. */
    uint32_t unseen = (uint32_t)(length - up) | (uint32_t)down | (uint32_t)(length == 0U);
    *verdict =
        (fih_t){FIH_YES ^ fih_spread(forward) ^ unseen, ~FIH_YES ^ fih_spread(backward) ^ unseen};
}

void fih_judge_filled(const void *bytes, uint8_t byte, size_t length, volatile fih_t *verdict)
{
    const volatile uint8_t *x = bytes;
    uint32_t forward = 0;
    uint32_t backward = 0;
    volatile size_t up = 0;
    volatile size_t down = length;

    while (up < length) {
        forward |= (uint32_t)(x[up] ^ byte);
        up++;
    }
    while (down > 0U) {
        down--;
        backward |= (uint32_t)(x[down] ^ byte);
    }
    uint32_t unseen = (uint32_t)(length - up) | (uint32_t)down | (uint32_t)(length == 0U);
    *verdict =
        (fih_t){FIH_YES ^ fih_spread(forward) ^ unseen, ~FIH_YES ^ fih_spread(backward) ^ unseen};
}

void fih_judge_equal_word(uint32_t a, uint32_t b, volatile fih_t *verdict)
{
    volatile uint32_t x = a;
    volatile uint32_t y = b;
    uint32_t value = FIH_YES ^ x ^ y;
    uint32_t complement = ~FIH_YES ^ y ^ x;
    *verdict = (fih_t){value, complement};
}

void fih_judge_at_least(uint32_t value, uint32_t minimum, volatile fih_t *verdict)
{
    volatile uint32_t x = value;
    volatile uint32_t y = minimum;
    /* The upper word of the 64-bit difference is 0 without a borrow and all ones with one. */
    uint32_t borrow = (uint32_t)(((uint64_t)x - (uint64_t)y) >> 32);
    uint32_t again = (uint32_t)(((uint64_t)x - (uint64_t)y) >> 32);
    *verdict = (fih_t){FIH_YES ^ borrow, ~FIH_YES ^ again};
}

void fih_judge_both(fih_t a, fih_t b, volatile fih_t *verdict)
{
    uint32_t value = (a.value ^ FIH_YES) | (b.value ^ FIH_YES);
    uint32_t complement = (a.complement ^ ~FIH_YES) | (b.complement ^ ~FIH_YES);
    *verdict = (fih_t){FIH_YES ^ value, ~FIH_YES ^ complement};
}

uint32_t fih_residue(fih_t verdict)
{
    return (verdict.value ^ FIH_YES) | (verdict.complement ^ ~FIH_YES);
}
