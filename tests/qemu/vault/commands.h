/*
 * What the tests of storage and counters ask of a client: one call of one API function.
 *
 * Compiled into the vault partition and into its application, so that both worlds make the same
 * calls. The numbers of a command are the message to the partition.
 */
#ifndef VAULT_COMMANDS_H
#define VAULT_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

enum verb {
    VERB_SET,    /* uid, size, flags, seed of the content */
    VERB_GET,    /* uid, offset, size: length, CRC-32 of what came */
    VERB_INFO,   /* uid: size, capacity, flags */
    VERB_REMOVE, /* uid */
    VERB_USAGE,  /* struct bartizan_storage_usage */
    VERB_COUNT,  /* id: value */
    VERB_STEP,   /* id */
    VERB_FILL,   /* first uid, size: number of assets set until one was refused; its status */
};

struct command {
    uint32_t verb;
    uint32_t arguments[4];
};

#define ANSWER_WORDS 9U

struct answer {
    int32_t status;
    uint32_t words[ANSWER_WORDS];
};

/* Makes the call. buffer holds the data: a size beyond it is asked for as it is. */
void command_run(const struct command *command, uint8_t *buffer, size_t buffer_size,
                 struct answer *answer);

#endif
