/*
 * The API of the service template, for applications and for other partitions, and what travels
 * between its stub (client.c) and the service (service.c).
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdint.h>

#include "psa/error.h"

/* Adds number to the sum that the service keeps, and puts the new sum into *result. PSA_SUCCESS, or
 * an error of psa_call(). */
psa_status_t template_add(uint32_t number, uint32_t *result);

/* Types of psa_call():
 *   TEMPLATE_ADD  in[0] the number, 4 bytes    out[0] the sum, 4 bytes */
#define TEMPLATE_ADD 1

#endif
