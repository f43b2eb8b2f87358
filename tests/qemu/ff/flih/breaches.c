/*
 * Rules of first-level handling that the partition breaks: in its thread, and in the function.
 */
#include "psa_manifest/flih.h"
#include "psa_manifest/pid.h"
#include "psa_manifest/sid.h"
#include "tests/qemu/ff/devices.h"
#include "tests/qemu/ff/flih/flih.h"

static psa_handle_t served;

static void rule_panic(void);

/* Lets the function of the timer break the rule; the thread meanwhile waits. */
static int32_t within(const psa_msg_t *message, void (*rule)(void))
{
    served = message->handle;
    flih_rule = rule;
    flih_start(FLIH_BREAK, 500U);
    (void)psa_wait(FF_TIMER0_SIGNAL, PSA_BLOCK);
    return 0;
}

/* The function ends the partition while its thread waits for the answer to a call. */
static int32_t panic_calling(const psa_msg_t *message)
{
    psa_invec in[] = {{"K", 1U}};

    served = message->handle;
    flih_rule = rule_panic;
    flih_start(FLIH_BREAK, 5000U);
    return psa_call(FF_MID1_HANDLE, FF_PLAY, in, 1U, NULL, 0U);
}

/* The partition ends whenever it starts: a register of the timer remembers. */
static int32_t panic_again(const psa_msg_t *message)
{
    (void)message;
    TIMER0->reload = FLIH_ENDS_AT_START;
    psa_panic();
}

static int32_t eoi_flih(const psa_msg_t *message)
{
    (void)message;
    flih_start(FLIH_ONCE, 500U);
    (void)psa_wait(FF_TIMER0_SIGNAL, PSA_BLOCK);
    psa_eoi(FF_TIMER0_SIGNAL);
    return 0;
}

static int32_t reset_idle(const psa_msg_t *message)
{
    (void)message;
    psa_reset_signal(FF_TIMER0_SIGNAL);
    return 0;
}

static void rule_call(void)
{
    (void)psa_call(FF_TRACE_HANDLE, PSA_IPC_CALL, NULL, 0U, NULL, 0U);
}

static void rule_connect(void)
{
    (void)psa_connect(FF_LEGACY_SID, 1U);
}

static void rule_version(void)
{
    (void)psa_version(FF_LEGACY_SID);
}

static void rule_wait(void)
{
    (void)psa_wait(PSA_WAIT_ANY, PSA_POLL);
}

static void rule_notify(void)
{
    psa_notify(FF_HIGH_PARTITION);
}

static void rule_reply(void)
{
    psa_reply(served, PSA_SUCCESS);
}

static void rule_write(void)
{
    psa_write(served, 0U, &served, sizeof(served));
}

static void rule_panic(void)
{
    psa_panic();
}

static void rule_fault(void)
{
    *(volatile uint32_t *)0U = 0U;
}

#define WITHIN(name)                                                                               \
    static int32_t within_##name(const psa_msg_t *message)                                         \
    {                                                                                              \
        return within(message, rule_##name);                                                       \
    }
WITHIN(call)
WITHIN(connect)
WITHIN(version)
WITHIN(wait)
WITHIN(notify)
WITHIN(reply)
WITHIN(write)
WITHIN(panic)
WITHIN(fault)

const struct actor_row flih_breaches[] = {
    {"eoi-flih", eoi_flih},
    {"reset-idle", reset_idle},
    {"within-call", within_call},
    {"within-connect", within_connect},
    {"within-version", within_version},
    {"within-wait", within_wait},
    {"within-notify", within_notify},
    {"within-reply", within_reply},
    {"within-write", within_write},
    {"within-panic", within_panic},
    {"within-fault", within_fault},
    {"panic-calling", panic_calling},
    {"panic-again", panic_again},
};
const uint32_t flih_breach_count = sizeof(flih_breaches) / sizeof(flih_breaches[0]);
