/*
 * The application that shows what a product has: one line for each thing that it tries.
 *
 * main.c runs the parts in order; lines are "knobs: <name> <value>", the value being a status or a
 * count. The host compares them with the product file (test_knobs.py); nothing is judged here.
 */
#ifndef KNOBS_H
#define KNOBS_H

#include <stdint.h>

void tell(const char *name, int32_t value);

/* algorithms.c: each algorithm of crypto_algorithms, and random numbers. */
void tell_algorithms(void);

/* limits.c: how many connections, keys, operations and assets there can be. */
void tell_limits(void);

#endif
