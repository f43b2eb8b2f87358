/*
 * The bench service of the SFN model, in a PSA RoT partition.
 *
 * Part of the products that `./bz bench` derives, never of one in products/.
 */
#include "psa_manifest/bench.h"
#include "tests/bench/echo.h"

psa_status_t bench_sfn_sfn(const psa_msg_t *message)
{
    return echo(message);
}
