/*
 * The P-256 engine of boot: one function, which computes and does not judge.
 *
 * Called by boot/ecdsa.c only. An engine is one file that defines it: another one, or a hardware
 * accelerator, is a link-time choice.
 */
#ifndef BARTIZAN_BOOT_P256_H
#define BARTIZAN_BOOT_P256_H

#include <stdint.h>

/* ECDSA verification up to, and without, its last step: x becomes the x coordinate, modulo the
 * group order, of the point that signature (r, s), key (x, y) and digest give; the signature holds
 * if and only if x equals r and r is not zero. All are big-endian. x becomes zero when r or s is
 * out of range, the key is not a point of the curve, the digest is zero modulo the group order
 * (then anybody can make a signature that holds), or the result is the point at infinity. Public
 * data only: time depends on them. */
void p256_recover_x(const uint8_t signature[64], const uint8_t key[64], const uint8_t digest[32],
                    uint8_t x[32]);

#endif
