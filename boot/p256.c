/*
 * The P-256 engine of boot, see p256.h: the arithmetic of Mbed TLS's p256-m, with a joint scalar
 * multiplication.
 *
 * p256-m answers a verification with one int, which one disturbed instruction could turn, and
 * computes two constant-time multiplications although all data are public. Boot needs the point
 * itself, for a hardened comparison, and needs it soon: so its source is included here for the
 * functions below its interface, and both multiples are added up in one pass. Renamed functions in
 * a later p256-m are a compile error.
 */
#include "boot/p256.h"

#include <stdbool.h>

#include "lib/fih/fih.h"

/* Without UMAAL, p256-m multiplies in 16-bit halves, lest the time of a multiplication tell of the
 * data. All data are public here: let it use the compiler's, three times faster. */
#ifndef __ARM_FEATURE_DSP
#undef __ARM_ARCH_PROFILE
#define MUL64_IS_CONSTANT_TIME
#endif

#include "p256-m.c"

#define SCALAR_BITS 256U
#define LIMBS       8U

/* A point in Jacobian coordinates, which have no fraction until the end; none before the first
 * addition. */
struct sum {
    uint32_t x[LIMBS];
    uint32_t y[LIMBS];
    uint32_t z[LIMBS];
    bool started;
    volatile uint32_t bits_done;
};

/* An affine point: (x, y). */
struct point {
    uint32_t x[LIMBS];
    uint32_t y[LIMBS];
};

static uint32_t bit_of(const uint32_t *scalar, uint32_t index)
{
    return (scalar[index / 32U] >> (index % 32U)) & 1U;
}

/* point_add() turns the cases that it is not made for (equal or opposite points) into z = 0, which
 * stays 0 and gives x = 0 in the end: such a signature is refused, never accepted. */
static void sum_add(struct sum *sum, const struct point *point)
{
    if (sum->started) {
        point_add(sum->x, sum->y, sum->z, point->x, point->y);
        return;
    }
    u256_cmov(sum->x, point->x, 1);
    u256_cmov(sum->y, point->y, 1);
    m256_set32(sum->z, 1, &p256_p);
    sum->started = true;
}

/* sum = a * G + b * key: one doubling for each bit, at most one addition (of G, the key, or G +
 * key). */
static void multiply_both(struct sum *sum, const uint32_t *a, const uint32_t *b,
                          const struct point *key)
{
    struct point points[3];

    u256_cmov(points[0].x, p256_gx, 1);
    u256_cmov(points[0].y, p256_gy, 1);
    points[1] = *key;
    point_add_or_double_leaky(points[2].x, points[2].y, p256_gx, p256_gy, key->x, key->y);
    for (uint32_t i = SCALAR_BITS; i > 0U; i--) {
        uint32_t bits = bit_of(a, i - 1U) | bit_of(b, i - 1U) << 1;
        if (sum->started) {
            point_double(sum->x, sum->y, sum->z);
        }
        if (bits != 0U) {
            sum_add(sum, &points[bits - 1U]);
        }
        sum->bits_done++;
    }
}

/* result = number / divisor modulo the group order; number and divisor in Montgomery form, result
 * not. */
static void divide(uint32_t *result, const uint32_t *number, const uint32_t *divisor)
{
    m256_inv(result, divisor, &p256_n);
    m256_mul(result, number, result, &p256_n);
    m256_done(result, &p256_n);
}

void p256_recover_x(const uint8_t signature[64], const uint8_t key[64], const uint8_t digest[32],
                    uint8_t x[32])
{
    uint32_t r[LIMBS];
    uint32_t s[LIMBS];
    uint32_t number[LIMBS];
    uint32_t a[LIMBS];
    uint32_t b[LIMBS];
    struct point point;
    struct sum sum = {.started = false};

    memset(x, 0, 32);
    if (scalar_from_bytes(r, signature) != 0 || scalar_from_bytes(s, signature + 32) != 0 ||
        point_from_bytes(point.x, point.y, key) != 0) {
        return;
    }
    m256_prep(r, &p256_n);
    m256_prep(s, &p256_n);
    ecdsa_m256_from_hash(number, digest, 32);
    if (u256_diff0(number) == 0U) {
        return;
    }
    divide(a, number, s);
    divide(b, r, s);
    multiply_both(&sum, a, b, &point);
    /* A loop that was left early gives a point that somebody may have chosen. */
    if (!sum.started || !fih_is_yes(fih_equal_word(sum.bits_done, SCALAR_BITS))) {
        return;
    }
    point_to_affine(sum.x, sum.y, sum.z);
    m256_done(sum.x, &p256_p);
    ecdsa_m256_mod_n(sum.x);
    u256_to_bytes(x, sum.x);
}
