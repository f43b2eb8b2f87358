/*
 * The peripherals behind this board's protection controllers: which world has them, who may use
 * them.
 *
 * Private to platform/mps2/: peripherals.c holds the table, worlds.c applies it.
 */
#ifndef BARTIZAN_MPS2_PERIPHERALS_H
#define BARTIZAN_MPS2_PERIPHERALS_H

/* Gives every peripheral and its interrupts to its world; all secure ones privileged only. */
void peripherals_split(void);

#endif
