/*
 * The floating point registers as 32 words, for code that is compiled without them.
 */
#ifndef FF_FP_H
#define FF_FP_H

#include <stdint.h>

/* s0..s31 = pattern + 0..31; the rest of the program does not touch them. */
void fp_fill(uint32_t pattern);

/* to[0..31] = s0..s31. */
void fp_store(uint32_t *to);

/* s16..s31 = from[16..31]. */
void fp_load_high(const uint32_t *from);

/* How many of words first..31 are not pattern + their number. */
static inline uint32_t fp_changed(const uint32_t *words, uint32_t first, uint32_t pattern)
{
    uint32_t changed = 0U;

    for (uint32_t i = first; i < 32U; i++) {
        changed += (words[i] != pattern + i) ? 1U : 0U;
    }
    return changed;
}

/* How many of the words carry the pattern in their upper half. */
static inline uint32_t fp_carrying(const uint32_t *words, uint32_t pattern)
{
    uint32_t carrying = 0U;

    for (uint32_t i = 0U; i < 32U; i++) {
        carrying += ((words[i] >> 16) == (pattern >> 16)) ? 1U : 0U;
    }
    return carrying;
}

#endif
