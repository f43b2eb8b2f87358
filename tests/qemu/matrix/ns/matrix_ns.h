/*
 * The application of the matrix product: attempts that the host asks for, and attacks in one go.
 */
#ifndef MATRIX_NS_H
#define MATRIX_NS_H

#include <stdint.h>

#include "psa/client.h"

/* What the non-secure side has for others to try. */
extern uint32_t ns_data;
void ns_return(void);

/* A request without vectors; status. */
psa_status_t ask(psa_handle_t partition, int32_t type);

/* A request with one word as the answer. */
psa_status_t ask_word(psa_handle_t partition, int32_t type, uint32_t *word);

/* attacks.c: prints "matrix: <what>: ok" or "matrix: <what>: FAILED (...)" for each check. */
void attack(const char *name);

#endif
