/*
 * The groups of checks of the platform test; main.c calls them in order.
 */
#ifndef BARTIZAN_TEST_CHECKS_H
#define BARTIZAN_TEST_CHECKS_H

/* check_flash.c: needs the hooked cells; uses the loader region as scratch. */
void check_flash(void);
void check_flash_cut(void); /* ends in a reset in the middle of a program operation */
void check_flash_after_cut(void);

/* check_worlds.c: splits and locks the worlds for the rest of this run. */
void check_worlds(void);

/* check_provisioning.c: closes the provisioning region for the rest of this run. */
void check_provisioning(void);
void check_provisioning_in_nmi(void); /* reads it in the NMI handler, which locks the core up */

#endif
