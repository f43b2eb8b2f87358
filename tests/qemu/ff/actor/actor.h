/*
 * Actors: partitions that play scripts, so that a test of scheduling is one line of text.
 *
 * A script is a row of letters; what each partition does leaves a trace in the partition trace.
 *   a..z     leave this letter
 *   C n (s)  call actor n, let it play s; leaves # (busy), ! (communication failure), & (refused)
 *            or ? (any other status) if the answer is not success
 *   N n      notify actor n
 *   R        reply: what follows is work after the reply
 *   K        keep the message unanswered
 *   M        wait for the next message, play nothing, keep it
 *   O        the same for its other service (mid2 has one: number 16, '@' in scripts)
 *   L i      reply to kept message i
 *   P        leave 1 if a message is waiting, or 0: polls
 *   D        wait for the doorbell only, and clear it
 *   A (s)    the script for the next doorbells or interrupts; without one: the actor's own letter
 *   Z        work for some milliseconds
 *   X        panic
 *   Y        access memory that is not its own
 * Other letters are the partition's own: hook.
 */
#ifndef FF_ACTOR_H
#define FF_ACTOR_H

#include <stdbool.h>

#include "psa/service.h"
#include "tests/qemu/ff/ff.h"

#define ACTOR_SCRIPT_MAX 64U
#define ACTOR_KEPT_MAX   4U

struct actor {
    char letter;
    psa_signal_t service; /* its direct service */
    psa_signal_t other;   /* one that only O waits for, or 0 */
    void (*hook)(struct actor *self, char letter);
    psa_handle_t playing; /* the message whose script is played, until the reply */
    psa_handle_t kept[ACTOR_KEPT_MAX];
    char script[ACTOR_SCRIPT_MAX];
    char event[ACTOR_SCRIPT_MAX]; /* set by A */
};

/* A row of a table of things that a partition does by name. The function gets the message that
 * asked for it. */
struct actor_row {
    const char *name;
    int32_t (*function)(const psa_msg_t *message);
};

/* Serves one message of self->service: plays a script, or returns false where the message is of
 * another type and has to be answered by the caller. */
bool actor_serve(struct actor *self, psa_msg_t *message);

/* Plays the script of an event. */
void actor_event(struct actor *self);

/* Waits for calls and doorbells for ever. */
void actor_run(struct actor *self) __attribute__((noreturn));

/* Runs the row that the text in in[0] names; its result, or PSA_ERROR_DOES_NOT_EXIST. */
int32_t actor_do(const struct actor_row *rows, uint32_t count, const psa_msg_t *message);

/* Calls a partition by number (actor/partitions.c). */
psa_status_t actor_call(uint32_t number, int32_t type, const psa_invec *in, size_t in_count,
                        psa_outvec *out, size_t out_count);
int32_t actor_id(uint32_t number);

void actor_trace(char letter);

/* So many turns that several timer periods pass. */
void actor_work(uint32_t turns);

#endif
