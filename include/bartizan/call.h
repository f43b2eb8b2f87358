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

static inline uint32_t call_control(int32_t type, size_t in_len, size_t out_len)
{
    uint32_t type_bits = ((type >= 0) && (type <= INT16_MAX)) ? (uint32_t)type : 0x8000U;
    uint32_t in_bits = (in_len <= 0xFU) ? (uint32_t)in_len : 0xFU;
    uint32_t out_bits = (out_len <= 0xFU) ? (uint32_t)out_len : 0xFU;

    return type_bits | (in_bits << 16) | (out_bits << 20);
}

#endif
