/*
 * Hardened values: verdicts that survive one skipped or disturbed instruction.
 *
 * Called by boot wherever a decision leads towards the jump. A verdict is two words, a value and
 * its complement, each computed from the data in a pass of its own; there is no constant that means
 * success until the data made it. Never use a verdict as a bool except through fih_is_yes(), and
 * test it twice where the two ways lead to different ends.
 *
 * A function with a verdict writes it through a pointer to what its caller set to FIH_NO before: a
 * call that is skipped leaves that, not what an earlier call left in the same place. The functions
 * fih_equal() and so on do this for their callers.
 */
#ifndef BARTIZAN_FIH_H
#define BARTIZAN_FIH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIH_YES UINT32_C(0x5AC3961D)

typedef struct fih {
    uint32_t value;
    uint32_t complement;
} fih_t;

/* A verdict that does not hold. */
#define FIH_NO ((fih_t){0U, 0U})

/* What stands behind the functions below. *verdict is FIH_NO when they are called. */
void fih_judge_equal(const void *a, const void *b, size_t length, volatile fih_t *verdict);
void fih_judge_filled(const void *bytes, uint8_t byte, size_t length, volatile fih_t *verdict);
void fih_judge_equal_word(uint32_t a, uint32_t b, volatile fih_t *verdict);
void fih_judge_at_least(uint32_t value, uint32_t minimum, volatile fih_t *verdict);
void fih_judge_both(fih_t a, fih_t b, volatile fih_t *verdict);

#define FIH_INLINE static inline __attribute__((always_inline))

/* Are length bytes (> 0) at a and at b equal? Time depends on length only. */
FIH_INLINE fih_t fih_equal(const void *a, const void *b, size_t length)
{
    volatile fih_t verdict = FIH_NO;
    fih_judge_equal(a, b, length, &verdict);
    return verdict;
}

/* Are length bytes (> 0) all equal to byte? */
FIH_INLINE fih_t fih_filled(const void *bytes, uint8_t byte, size_t length)
{
    volatile fih_t verdict = FIH_NO;
    fih_judge_filled(bytes, byte, length, &verdict);
    return verdict;
}

/* a == b */
FIH_INLINE fih_t fih_equal_word(uint32_t a, uint32_t b)
{
    volatile fih_t verdict = FIH_NO;
    fih_judge_equal_word(a, b, &verdict);
    return verdict;
}

/* value >= minimum */
FIH_INLINE fih_t fih_at_least(uint32_t value, uint32_t minimum)
{
    volatile fih_t verdict = FIH_NO;
    fih_judge_at_least(value, minimum, &verdict);
    return verdict;
}

/* Both hold. */
FIH_INLINE fih_t fih_both(fih_t a, fih_t b)
{
    volatile fih_t verdict = FIH_NO;
    fih_judge_both(a, b, &verdict);
    return verdict;
}

/* Zero if and only if the verdict holds: to be mixed into an address or a key. */
uint32_t fih_residue(fih_t verdict);

/* Does the verdict hold? Inlined into its caller: four comparisons of values that are read each
 * time. */
FIH_INLINE bool fih_is_yes(fih_t verdict)
{
    volatile uint32_t value = verdict.value;
    volatile uint32_t complement = verdict.complement;
    if (value != FIH_YES) {
        return false;
    }
    if (complement != ~FIH_YES) {
        return false;
    }
    if ((value ^ complement) != UINT32_MAX) {
        return false;
    }
    return value == FIH_YES;
}

#endif
