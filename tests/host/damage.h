/*
 * One damaged flash image: a store or a Protected Storage with a past, damaged and forged as the
 * input says, started and used.
 *
 * Called with random bytes by test_damage.c and with libFuzzer's by fuzz_damage.c. Aborts with a
 * message when something is wrong: bytes served that the asset never had, or in Protected Storage
 * that it does not have now; flash operations without end; an answer that is none.
 */
#ifndef BARTIZAN_TESTS_DAMAGE_H
#define BARTIZAN_TESTS_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First byte: which history. Then pieces of damage, 8 bytes each, and operations. True when the
 * store could still be mounted. */
bool damage_store(const uint8_t *data, size_t length);
bool damage_ps(const uint8_t *data, size_t length);

#endif
