/*
 * What travels between the ITS client stub and the service: types of psa_call() and one fixed
 * request.
 *
 * Shared by client.c and its.c. Vector 0 in is one struct its_request, but for ITS_GET_USAGE.
 *   ITS_SET       in[1] data                out: none
 *   ITS_GET       in: request               out[0] data
 *   ITS_GET_INFO  in: request               out[0] struct its_info
 *   ITS_REMOVE    in: request               out: none
 *   ITS_GET_USAGE in: none                  out[0] the first bytes of struct
 *                                           bartizan_storage_usage, as many as fit
 */
#ifndef BARTIZAN_ITS_PROTOCOL_H
#define BARTIZAN_ITS_PROTOCOL_H

#include <stdint.h>

#define ITS_SET       1
#define ITS_GET       2
#define ITS_GET_INFO  3
#define ITS_REMOVE    4
#define ITS_GET_USAGE 5

struct its_request {
    uint32_t uid_low;
    uint32_t uid_high;
    uint32_t offset_bytes; /* ITS_GET */
    uint32_t flags;        /* ITS_SET */
};

struct its_info {
    uint32_t size_bytes;
    uint32_t flags;
};

#endif
