/*
 * The attacking application: functions that no service of the product serves.
 *
 * The calls are those of the native tests (services/tests): every function of the Crypto API that
 * the service does not do, and all of Firmware Update, which the product lacks.
 */
#include "attack.h"

#include "services/tests/calls.h"

static void check_unserved(const struct call *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].served == 0) {
            calls_prepare();
            if (rows[i].step == START) {
                *rows[i].operation = 0;
            }
            check_equal(rows[i].name, rows[i].function(), PSA_ERROR_NOT_SUPPORTED);
        }
    }
}

void check_functions(void)
{
    check_unserved(crypto_calls, crypto_call_count);
    check_unserved(update_calls, update_call_count);
}
