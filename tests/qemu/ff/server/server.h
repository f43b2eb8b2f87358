/*
 * Private to the server: its breaches, and what they leave for the messages to come.
 */
#ifndef FF_SERVER_PRIVATE_H
#define FF_SERVER_PRIVATE_H

#include "tests/qemu/ff/actor/actor.h"

extern const struct actor_row server_breaches[];
extern const uint32_t server_breach_count;

/* Set by a breach: done to the next message of that kind before it is answered. */
struct server_traps {
    void (*connect)(const psa_msg_t *message);
    void (*disconnect)(const psa_msg_t *message);
    bool get_elsewhere; /* the next psa_get() names memory of the manager */
    bool leaves;        /* the entry function returns */
};
extern struct server_traps server_traps;

#endif
