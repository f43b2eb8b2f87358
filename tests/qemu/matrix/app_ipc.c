/*
 * The Application Root of Trust partition of the IPC model: owns a timer and its interrupt.
 */
#include "psa_manifest/app_ipc.h"

#include "tests/qemu/matrix/attempt.h"
#include "tests/qemu/matrix/matrix.h"

/* CMSDK timer, DDI 0479, 4.2 */
#define TIMER_CTRL     (*(volatile uint32_t *)0x50000000U)
#define TIMER_VALUE    (*(volatile uint32_t *)0x50000004U)
#define TIMER_INTCLEAR (*(volatile uint32_t *)0x5000000CU)
#define TIMER_RUN      9U /* enable, interrupt */

static uint32_t interrupts;

static void interrupt_serve(void)
{
    interrupts++;
    TIMER_CTRL = 0U;
    TIMER_INTCLEAR = 1U;
    psa_eoi(TIMER_SIGNAL);
}

/* The same as its client's request, with a block of its own to be mapped. */
static psa_status_t relay(const psa_msg_t *message)
{
    static struct attempt attempts[2] __attribute__((aligned(32)));
    static uint32_t given[8] __attribute__((aligned(32))) = {ATTEMPT_PLANT};
    static uint32_t room[16] __attribute__((aligned(32)));
    psa_invec in[] = {{attempts, 32U}, {given, sizeof(given)}};
    psa_outvec out[] = {{room, sizeof(room)}};
    psa_status_t status;

    (void)psa_read(message->handle, 0U, attempts, sizeof(attempts[0]));
    status = psa_call(PSA_IPC_HANDLE, MATRIX_MAP_TRY, in, 2U, out, 1U);
    psa_write(message->handle, 0U, room, sizeof(attempts));
    return status;
}

static psa_status_t odd_block(void)
{
    static uint32_t given[8] __attribute__((aligned(32)));
    psa_invec in[] = {{given, sizeof(given)}, {&given[1], sizeof(given) - sizeof(given[0])}};

    return psa_call(PSA_IPC_HANDLE, MATRIX_PING, in, 2U, NULL, 0U);
}

static psa_status_t serve(const psa_msg_t *message)
{
    switch (message->type) {
    case MATRIX_INTERRUPTS:
        psa_write(message->handle, 0U, &interrupts, sizeof(interrupts));
        return PSA_SUCCESS;
    case MATRIX_START_TIMER:
        TIMER_VALUE = 1000U;
        TIMER_CTRL = TIMER_RUN;
        return PSA_SUCCESS;
    case MATRIX_SLEEP:
        (void)psa_wait(TIMER_SIGNAL, PSA_BLOCK);
        interrupt_serve();
        return PSA_SUCCESS;
    case MATRIX_MAP_TRY:
        return relay(message);
    case MATRIX_ODD_BLOCK:
        return odd_block();
    default:
        return OWN(serve)(message);
    }
}

void app_ipc_main(void)
{
    psa_msg_t message;

    OWN(plant)();
    psa_irq_enable(TIMER_SIGNAL);
    for (;;) {
        psa_signal_t signals = psa_wait(PSA_WAIT_ANY, PSA_BLOCK);

        if ((signals & TIMER_SIGNAL) != 0U) {
            interrupt_serve();
        }
        if ((signals & APP_IPC_SIGNAL) != 0U) {
            (void)psa_get(APP_IPC_SIGNAL, &message);
            if (message.type == MATRIX_REPLY_TWICE) {
                psa_reply(message.handle, PSA_SUCCESS);
            }
            psa_reply(message.handle, serve(&message));
        }
    }
}
