/*
 * What the parts of a partition of the test product share; names begin with the partition's.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdint.h>

#include "psa/service.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/matrix/commands.h"

#define JOIN_NAMES(a, b, c) a##b##c
#define JOIN(a, b, c)       JOIN_NAMES(a, b, c)
#define OWN(what)           JOIN(MATRIX_PARTITION, _, what)

/* Puts code into memory of its own that others may not reach, and nobody may execute. */
void OWN(plant)(void);

/* Serves what every partition of the product can do. */
psa_status_t OWN(serve)(const psa_msg_t *message);

#endif
