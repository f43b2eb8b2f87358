/*
 * The control word of psa_call(): type and vector counts packed into one register.
 *
 * Used by the client stubs of both worlds and decoded once by the manager (spm/call.c). Values that
 * do not fit are mapped to ones that the manager refuses, so that the check is in one place.
 */
#ifndef BARTIZAN_CALL_H
#define BARTIZAN_CALL_H

#include <stddef.h>
#include <stdint.h>

/* Bits 15..0 type, as a signed number; 19..16 input vectors; 23..20 output vectors. */
#define CALL_CONTROL_TYPE(control)    ((int32_t)(int16_t)((control)&0xFFFFU))
#define CALL_CONTROL_IN_LEN(control)  (((control) >> 16) & 0xFU)
#define CALL_CONTROL_OUT_LEN(control) (((control) >> 20) & 0xFU)
#define CALL_CONTROL_VECTORS          0x00FF0000U /* 0 there: no vector */

/* One test for all three: calls that fit are the rule. */
static inline uint32_t call_control(int32_t type, size_t in_len, size_t out_len)
{
    size_t too_large = ((in_len | out_len) >> 4) | ((uint32_t)type >> 15);

    if (__builtin_expect(too_large != 0U, 0)) {
        return ((in_len | out_len) > 0xFU) ? CALL_CONTROL_VECTORS : 0x8000U;
    }
    return (uint32_t)type | ((uint32_t)in_len << 16) | ((uint32_t)out_len << 20);
}

#endif
