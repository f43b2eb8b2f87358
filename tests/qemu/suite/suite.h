/*
 * What the three partitions of this folder and the application that calls them agree on: types of
 * psa_call(). Each answers one word in out[0].
 */
#ifndef SUITE_H
#define SUITE_H

#include <stdint.h>

#define SUITE_WORK  1 /* what the service is there for, with the word in in[0] */
#define SUITE_TOUCH 2 /* reads the word at the address in in[0]: DRIVER, CLIENT, SERVER _TEST */
#define SUITE_READ  3 /* DRIVER_NVMEM: the word at the offset in in[0] */

#define NVMEM_OFFSET 0x3FCU /* the last word of the window */

#endif
