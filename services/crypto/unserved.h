/*
 * Functions of the API that a profile has no algorithm for: the dispatcher's answer is not
 * supported.
 *
 * Included by the *_none.c files, which are linked in place of the handlers (sources.cmake): one
 * answer, under the names of all handlers of a chapter.
 */
#ifndef CRYPTO_UNSERVED_H
#define CRYPTO_UNSERVED_H

#include "services/crypto/service.h"

static psa_status_t unserved(struct crypto_call *call)
{
    (void)call;
    return PSA_ERROR_NOT_SUPPORTED;
}

#define UNSERVED(name)                                                                             \
    psa_status_t serve_##name(struct crypto_call *call) __attribute__((alias("unserved")));

#endif
