/*
 * What the partitions of the product ff can be asked, by partitions and by the non-secure
 * application.
 *
 * Every partition has one direct service. A call of type FF_PLAY, FF_BREAK or FF_CHECK carries a
 * text in in[0]; the types behind them are of single partitions.
 */
#ifndef FF_H
#define FF_H

#include <stdint.h>

#include "psa/client.h"

#define FF_PLAY  1 /* a script: see actor/actor.h */
#define FF_BREAK 2 /* the name of a rule to break; not expected to return */
#define FF_CHECK 3 /* the name of a check; 0, or the number of the line that failed */

/* The server. in[0]: struct ff_request where a or b is used. Offered on its connections too. */
#define SERVER_ECHO    10 /* in[1] to out[0] in pieces of a bytes */
#define SERVER_CLIENT  11 /* out[0]: client id of the message */
#define SERVER_SHAPE   12 /* out[0]: struct ff_shape */
#define SERVER_STATUS  13 /* replies a */
#define SERVER_SKIP    14 /* skips a bytes of in[1], reads b to out[0]; how many skipped */
#define SERVER_CONNECT 15 /* the next connection is answered with status a */
#define SERVER_COUNT   16 /* on a connection: number of such calls, kept in its rhandle */
#define SERVER_CLOSED  17 /* out[0]: number of disconnections; the last one's rhandle as status */
#define SERVER_ADDRESS 18 /* out[0]: address of a word of its data */
#define SERVER_TOUCH   19 /* reads the word at address a */
#define SERVER_HANDLE  20 /* out[0]: the handle of a message that it serves: this one */
#define SERVER_MALLOC  21 /* status 0: malloc() gave NULL */

/* The FLIH partition. */
#define FLIH_START 10 /* ticks every a cycles; its function fills FP registers with b, not 0 */
#define FLIH_STOP  11 /* out[0]: struct ff_ticks since the start */

/* The mapper: in[1] and out[0] are what it maps. in[0]: struct ff_request. */
#define MAPPER_COPY   10 /* copies in[1] to out[0], unmaps with a bytes */
#define MAPPER_KEEP   11 /* writes to out[0], leaves it mapped */
#define MAPPER_BOTH   12 /* out[0] by map, out[1] by psa_write */
#define MAPPER_PLACES 13 /* out[1]: addresses at which in[1] and out[0] are seen */

/* The floating point partitions. in[0]: struct ff_request. */
#define FP_FILL 10 /* fills its registers with pattern a */
#define FP_LOOK 11 /* out[0]: how many of its registers carry pattern a when a call begins */
#define FP_CALL 12 /* fills with a; lets the other one fill with b; 0 if its own were kept */
#define FP_SPIN 13 /* fills with a, works for a while; 0 if they were kept */

struct ff_request {
    uint32_t a;
    uint32_t b;
};

struct ff_shape {
    int32_t type;
    uint32_t in_size[PSA_MAX_IOVEC];
    uint32_t out_size[PSA_MAX_IOVEC];
    void *rhandle;
};

struct ff_ticks {
    uint32_t count;
    uint32_t latency; /* the largest time from an interrupt to its function, in timer cycles */
};

/* Returns the line that failed from a check, whose result is 0 otherwise. */
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return __LINE__;                                                                       \
        }                                                                                          \
    } while (0)

#endif
