/*
 * What travels between the client stub of the Platform service and the service: types of
 * psa_call().
 *
 * Shared by client.c and service.c.
 *   PLATFORM_RESET       in: none    out: none; does not return
 *   PLATFORM_GET_STATUS  in: none    out[0] the first bytes of struct bartizan_status, as many as
 * fit
 *   PLATFORM_GET_FAULT   in: none    out[0] the text of the last fault record
 *   PLATFORM_READ_COUNTER       in[0] id of the counter, 32 bits    out[0] its value, 32 bits
 *   PLATFORM_INCREMENT_COUNTER  in[0] id of the counter, 32 bits    out: none
 *
 * The structure only ever grows at its end, so that applications linked before keep working.
 */
#ifndef BARTIZAN_PLATFORM_PROTOCOL_H
#define BARTIZAN_PLATFORM_PROTOCOL_H

#define PLATFORM_RESET             1
#define PLATFORM_GET_STATUS        2
#define PLATFORM_GET_FAULT         3
#define PLATFORM_READ_COUNTER      4
#define PLATFORM_INCREMENT_COUNTER 5

#endif
