/*
 * The player of scripts: see actor.h. Code that all partitions of the product share; its state is
 * in the partition that plays.
 */
#include "tests/qemu/ff/actor/actor.h"

#include <string.h>

#include "psa_manifest/sid.h"

#define WORK_TURNS 20000U

void actor_trace(char letter)
{
    psa_invec in[] = {{&letter, 1U}};

    if (psa_call(FF_TRACE_HANDLE, PSA_IPC_CALL, in, 1U, NULL, 0U) != PSA_SUCCESS) {
        psa_panic();
    }
}

void actor_work(uint32_t turns)
{
    for (volatile uint32_t i = 0U; i < turns; i = i + 1U) {
    }
}

static void trace_status(psa_status_t status)
{
    if (status == PSA_ERROR_CONNECTION_BUSY) {
        actor_trace('#');
    } else if (status == PSA_ERROR_COMMUNICATION_FAILURE) {
        actor_trace('!');
    } else if (status == PSA_ERROR_CONNECTION_REFUSED) {
        actor_trace('&');
    } else if (status != PSA_SUCCESS) {
        actor_trace('?');
    }
}

/* at is behind an opening parenthesis: the length up to the closing one. */
static size_t inner_length(const char *at)
{
    size_t length = 0U;
    uint32_t depth = 1U;

    while (at[length] != '\0') {
        depth += (at[length] == '(') ? 1U : 0U;
        depth -= (at[length] == ')') ? 1U : 0U;
        if (depth == 0U) {
            break;
        }
        length++;
    }
    return length;
}

static void keep(struct actor *self, psa_handle_t message)
{
    for (uint32_t i = 0U; i < ACTOR_KEPT_MAX; i++) {
        if (self->kept[i] == PSA_NULL_HANDLE) {
            self->kept[i] = message;
            return;
        }
    }
    psa_panic();
}

static void keep_next(struct actor *self, psa_signal_t signal)
{
    psa_msg_t message;

    (void)psa_wait(signal, PSA_BLOCK);
    if (psa_get(signal, &message) != PSA_SUCCESS) {
        psa_panic();
    }
    keep(self, message.handle);
}

static void reply(psa_handle_t *message)
{
    psa_handle_t handle = *message;

    *message = PSA_NULL_HANDLE;
    psa_reply(handle, PSA_SUCCESS);
}

/* What has one letter and no more. */
static void play_letter(struct actor *self, char letter)
{
    switch (letter) {
    case 'R':
        reply(&self->playing);
        break;
    case 'K':
        keep(self, self->playing);
        self->playing = PSA_NULL_HANDLE;
        break;
    case 'M':
        keep_next(self, self->service);
        break;
    case 'O':
        keep_next(self, self->other);
        break;
    case 'P':
        actor_trace(((psa_wait(PSA_WAIT_ANY, PSA_POLL) & self->service) != 0U) ? '1' : '0');
        break;
    case 'D':
        (void)psa_wait(PSA_DOORBELL, PSA_BLOCK);
        psa_clear();
        break;
    case 'Z':
        actor_work(WORK_TURNS);
        break;
    case 'X':
        psa_panic();
    case 'Y':
        *(volatile uint32_t *)0U = 0U;
        break;
    default:
        if ((letter >= 'a') && (letter <= 'z')) {
            actor_trace(letter);
        } else if (self->hook != NULL) {
            self->hook(self, letter);
        }
    }
}

/* Plays what stands at `at`; returns what follows it. */
static const char *play_step(struct actor *self, const char *at)
{
    char letter = *at++;
    psa_invec in[1];
    size_t length;

    switch (letter) {
    case 'C':
        length = inner_length(at + 2);
        in[0] = (psa_invec){at + 2, length};
        trace_status(actor_call((uint32_t)(*at - '0'), FF_PLAY, in, 1U, NULL, 0U));
        return at + 2 + length + 1;
    case 'N':
        psa_notify(actor_id((uint32_t)(*at - '0')));
        return at + 1;
    case 'L':
        reply(&self->kept[*at - '0']);
        return at + 1;
    case 'A':
        length = inner_length(at + 1);
        memset(self->event, 0, sizeof(self->event));
        memcpy(self->event, at + 1, length);
        return at + 1 + length + 1;
    default:
        play_letter(self, letter);
        return at;
    }
}

static void play(struct actor *self, const char *script)
{
    while (*script != '\0') {
        script = play_step(self, script);
    }
}

bool actor_serve(struct actor *self, psa_msg_t *message)
{
    if (psa_get(self->service, message) != PSA_SUCCESS) {
        return true;
    }
    if (message->type < 0) { /* only the legacy partition has connections */
        psa_reply(message->handle, PSA_SUCCESS);
        return true;
    }
    if (message->type != FF_PLAY) {
        return false;
    }
    memset(self->script, 0, sizeof(self->script));
    (void)psa_read(message->handle, 0U, self->script, sizeof(self->script) - 1U);
    self->playing = message->handle;
    play(self, self->script);
    if (self->playing != PSA_NULL_HANDLE) {
        reply(&self->playing);
    }
    return true;
}

void actor_event(struct actor *self)
{
    if (self->event[0] == '\0') {
        actor_trace(self->letter);
    } else {
        play(self, self->event);
    }
}

void actor_run(struct actor *self)
{
    psa_msg_t message;

    for (;;) {
        psa_signal_t signals = psa_wait(self->service | PSA_DOORBELL, PSA_BLOCK);

        if ((signals & PSA_DOORBELL) != 0U) {
            psa_clear();
            actor_event(self);
        } else if (!actor_serve(self, &message)) {
            psa_reply(message.handle, PSA_ERROR_NOT_SUPPORTED);
        }
    }
}

int32_t actor_do(const struct actor_row *rows, uint32_t count, const psa_msg_t *message)
{
    char name[32] = {0};

    (void)psa_read(message->handle, 0U, name, sizeof(name) - 1U);
    for (uint32_t i = 0U; i < count; i++) {
        if (strcmp(name, rows[i].name) == 0) {
            return rows[i].function(message);
        }
    }
    return PSA_ERROR_DOES_NOT_EXIST;
}
