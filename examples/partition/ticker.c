/*
 * The partition ticker: counts the interrupts of a timer and logs them.
 *
 * ticker_main() is its one thread: it waits for requests and for the timer. The number of starts
 * outlives a reset in Internal Trusted Storage.
 */
#include "ticker.h"

#include <stdlib.h>

#include "psa/internal_trusted_storage.h"
#include "psa/service.h"
#include "psa_manifest/ticker.h"

#define STARTS_UID        ((psa_storage_uid_t)1)
#define PERIOD_MIN_CLOCKS 1000U

/* The timer: CMSDK APB timer, counts down from reload. */
struct timer {
    volatile uint32_t control;
    volatile uint32_t value;
    volatile uint32_t reload;
    volatile uint32_t interrupt_clear;
};

#define TIMER           ((struct timer *)0x50000000U)
#define TIMER_ENABLE    0x1U
#define TIMER_INTERRUPT 0x8U

struct log_entry {
    struct log_entry *next;
    struct ticker_entry entry;
};

static struct ticker_count count;
static struct log_entry *oldest;
static struct log_entry *newest;

static void log_drop_oldest(void)
{
    struct log_entry *dropped = oldest;

    oldest = dropped->next;
    count.entries--;
    free(dropped);
}

static void log_append(const struct ticker_entry *entry)
{
    struct log_entry *added = malloc(sizeof(*added));

    while ((added == NULL) && (oldest != NULL)) {
        log_drop_oldest();
        added = malloc(sizeof(*added));
    }
    if (added == NULL) {
        return;
    }
    *added = (struct log_entry){.entry = *entry};
    if (oldest == NULL) {
        oldest = added;
    } else {
        newest->next = added;
    }
    newest = added;
    count.entries++;
}

static psa_status_t count_start(void)
{
    size_t length;
    psa_status_t status = psa_its_get(STARTS_UID, 0U, sizeof(count.starts), &count.starts, &length);

    if ((status != PSA_SUCCESS) && (status != PSA_ERROR_DOES_NOT_EXIST)) {
        return status;
    }
    count.starts++;
    return psa_its_set(STARTS_UID, sizeof(count.starts), &count.starts, PSA_STORAGE_FLAG_NONE);
}

static psa_status_t serve_start(const psa_msg_t *message)
{
    uint32_t period = 0U;
    psa_status_t status;

    if ((message->in_size[0] != sizeof(period)) ||
        (psa_read(message->handle, 0U, &period, sizeof(period)) != sizeof(period)) ||
        (period < PERIOD_MIN_CLOCKS)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    status = count_start();
    if (status != PSA_SUCCESS) {
        return status;
    }
    while (oldest != NULL) {
        log_drop_oldest();
    }
    count.ticks = 0U;
    TIMER->reload = period - 1U;
    TIMER->value = period - 1U;
    TIMER->control = TIMER_ENABLE | TIMER_INTERRUPT;
    return PSA_SUCCESS;
}

static psa_status_t serve_read(const psa_msg_t *message)
{
    size_t room = message->out_size[1];

    if (message->out_size[0] != sizeof(count)) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    psa_write(message->handle, 0U, &count, sizeof(count));
    for (const struct log_entry *each = oldest; each != NULL; each = each->next) {
        if (room < sizeof(each->entry)) {
            break;
        }
        psa_write(message->handle, 1U, &each->entry, sizeof(each->entry));
        room -= sizeof(each->entry);
    }
    return PSA_SUCCESS;
}

static psa_status_t serve_stop(void)
{
    TIMER->control = 0U;
    return PSA_SUCCESS;
}

static psa_status_t serve(const psa_msg_t *message)
{
    switch (message->type) {
    case TICKER_START:
        return serve_start(message);
    case TICKER_READ:
        return serve_read(message);
    case TICKER_STOP:
        return serve_stop();
    default:
        return PSA_ERROR_NOT_SUPPORTED;
    }
}

static void tick(void)
{
    struct ticker_entry entry = {.late_clocks = TIMER->reload - TIMER->value};

    TIMER->interrupt_clear = 1U;
    entry.tick = ++count.ticks;
    log_append(&entry);
    psa_eoi(TIMER0_SIGNAL);
}

void ticker_main(void)
{
    psa_msg_t message;

    psa_irq_enable(TIMER0_SIGNAL);
    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if ((signals & TIMER0_SIGNAL) != 0U) {
            tick();
        }
        if (((signals & TICKER_SIGNAL) != 0U) &&
            (psa_get(TICKER_SIGNAL, &message) == PSA_SUCCESS)) {
            psa_reply(message.handle, serve(&message));
        }
    }
}
