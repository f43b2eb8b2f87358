/*
 * One call of each function of the standard services that a stub serves, and what it must put on the
 * wire: the rows of *_calls.def.
 *
 * Shared by wire_test.c, which records what the stubs send, and unserved_test.c, which sends it to
 * the Crypto service. The rows are written by hand, apart from the function tables, numbers
 * included: a change of the wire format is a change here. An object that a call uses belongs to
 * this file (calls.c); calls_prepare() gives all of them known values.
 */
#ifndef SERVICES_TESTS_CALLS_H
#define SERVICES_TESTS_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/protected_storage.h"
#include "psa/update.h"

#define REQUEST_WORDS 10u
#define POISON        0x5a5a5a5au

/* What a call does to the operation object that it names. */
enum step { NO_OPERATION, START, USE, END, ABORT, TARGET };

/* What an output is for the caller: a buffer whose length is 0 on an error (BUFFER), is left alone
 * (LEFT), or that has none (FILL); a number; a key identifier; a handle; a struct. */
enum output_kind { NO_OUTPUT, BUFFER, LEFT, FILL, WORD, KEY, HANDLE, OBJECT };

struct input {
    const void *data;
    size_t length;
};

struct output {
    enum output_kind kind;
    void *data;  /* the caller's buffer, or variable; the wire may use another one */
    size_t size; /* capacity on the wire */
    size_t *length;
};

struct call {
    const char *name;
    psa_status_t (*function)(void);
    int served;
    int32_t type;
    uint32_t request[REQUEST_WORDS];
    size_t request_words;
    struct input in[3];
    struct output out[2];
    enum step step;
    uint32_t *operation; /* handle in the object */
};

extern const struct call crypto_calls[];
extern const size_t crypto_call_count;
extern const struct call storage_calls[];
extern const size_t storage_call_count;
extern const struct call update_calls[];
extern const size_t update_call_count;

/* What the calls write to. */
extern psa_key_attributes_t made_attributes;
extern psa_fwu_component_info_t made_component_info;
extern struct psa_storage_info_t made_storage_info;

/* Every object as before a call: operations have the handle CALLS_HANDLE, outputs hold POISON. */
#define CALLS_HANDLE 0x00001701u
void calls_prepare(void);

#endif
