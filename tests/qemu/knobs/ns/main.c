/*
 * Tells what the product has, from power-on to "knobs: end", and faults when it is sent a byte.
 * See knobs.h.
 *
 * Runs on every product: with a service that is not there, each line has the status that an
 * application gets.
 */
#include "knobs.h"

#include <stdio.h>

#include "bartizan/board.h"
#include "bartizan/platform_service.h"
#include "layout.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"
#include "psa_manifest/sid.h"

void tell(const char *name, int32_t value)
{
    printf("knobs: %s %ld\n", name, (long)value);
}

static void tell_service(const char *name, uint32_t sid)
{
    printf("knobs: %s version %lu connect %ld\n", name, (unsigned long)psa_version(sid),
           (long)psa_connect(sid, 1));
}

/* One function of each API. */
static void tell_stubs(void)
{
    struct psa_storage_info_t info;
    struct bartizan_status status;
    size_t size;

    tell("psa_crypto_init", psa_crypto_init());
    tell("psa_its_get_info", psa_its_get_info(77, &info));
    tell("psa_initial_attest_get_token_size", psa_initial_attest_get_token_size(32, &size));
    tell("psa_ps_get_info", psa_ps_get_info(77, &info));
    tell("bartizan_get_status", bartizan_get_status(&status));
}

int main(void)
{
    board_init();
    tell_service("crypto", PSA_CRYPTO_SID);
    tell_service("its", PSA_ITS_SID);
    tell_service("attestation", PSA_ATTESTATION_SID);
    tell_service("platform", PSA_PLATFORM_SID);
    tell_service("ps", PSA_PS_SID);
    tell_stubs();
    tell_algorithms();
    tell_limits();
    printf("knobs: end\n");
    (void)board_uart_read();
    tell("secure memory", *(const volatile int32_t *)SECURE_RAM_BASE);
    for (;;) {
    }
}
