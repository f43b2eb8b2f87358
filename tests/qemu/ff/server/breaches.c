/*
 * Rules of psa/service.h that the server breaks on request: one small function for each.
 *
 * Each is expected to end the partition. Those about messages that are no requests set a trap for
 * the next connection.
 */
#include "psa_manifest/pid.h"
#include "psa_manifest/server.h"
#include "tests/qemu/ff/server/server.h"

#define ELSEWHERE ((void *)0x38000000U) /* memory of the manager */

static uint8_t bytes[64];

#define BREACH(name, ...)                                                                          \
    static int32_t name(const psa_msg_t *message)                                                  \
    {                                                                                              \
        (void)message;                                                                             \
        __VA_ARGS__                                                                                \
        return PSA_SUCCESS;                                                                        \
    }

/* ---- Signals ---- */
BREACH(wait_nothing, (void)psa_wait(0U, PSA_POLL);)
BREACH(wait_nothing_blocked, (void)psa_wait(0U, PSA_BLOCK);)
BREACH(wait_unassigned, (void)psa_wait(1U << 30, PSA_BLOCK);)
BREACH(get_nothing, psa_msg_t other; (void)psa_get(0U, &other);)
BREACH(get_idle, psa_msg_t other; (void)psa_get(FF_STRICT_SIGNAL, &other);)
BREACH(get_two, psa_msg_t other; (void)psa_get(FF_STRICT_SIGNAL | FF_RELAXED_SIGNAL, &other);)
BREACH(get_unassigned, psa_msg_t other; (void)psa_get(1U << 30, &other);)
BREACH(get_doorbell, psa_msg_t other; psa_notify(FF_SERVER_PARTITION);
       (void)psa_wait(PSA_DOORBELL, PSA_BLOCK); (void)psa_get(PSA_DOORBELL, &other);)
BREACH(get_elsewhere, server_traps.get_elsewhere = true;)
BREACH(clear_idle, psa_clear();)
BREACH(clear_twice, psa_notify(FF_SERVER_PARTITION); psa_clear(); psa_clear();)
BREACH(eoi_nothing, psa_eoi(0U);)
BREACH(eoi_doorbell, psa_notify(FF_SERVER_PARTITION); psa_eoi(PSA_DOORBELL);)
BREACH(eoi_service, psa_eoi(FF_STRICT_SIGNAL);)
BREACH(irq_enable_service, psa_irq_enable(FF_SERVER_SIGNAL);)
BREACH(irq_disable_service, (void)psa_irq_disable(FF_SERVER_SIGNAL);)
BREACH(irq_enable_unassigned, psa_irq_enable(1U << 30);)
BREACH(reset_service, psa_reset_signal(FF_SERVER_SIGNAL);)
BREACH(reset_doorbell, psa_notify(FF_SERVER_PARTITION); psa_reset_signal(PSA_DOORBELL);)
BREACH(notify_unknown, psa_notify(0x7777);)
BREACH(notify_zero, psa_notify(0);)
BREACH(notify_nonsecure, psa_notify(-1);)
BREACH(notify_sfn, psa_notify(FF_CLIENT_PARTITION);)

/* ---- Messages ---- */
BREACH(reply_null, psa_reply(PSA_NULL_HANDLE, PSA_SUCCESS);)
BREACH(reply_unknown, psa_reply(message->handle + 1, PSA_SUCCESS);)
BREACH(reply_negative, psa_reply(-1, PSA_SUCCESS);)
BREACH(reply_twice, psa_reply(message->handle, PSA_SUCCESS);
       psa_reply(message->handle, PSA_SUCCESS);)
BREACH(read_after_reply, psa_reply(message->handle, PSA_SUCCESS);
       (void)psa_read(message->handle, 0U, bytes, 1U);)
BREACH(write_after_reply, psa_reply(message->handle, PSA_SUCCESS);
       psa_write(message->handle, 0U, bytes, 1U);)
BREACH(skip_unknown, (void)psa_skip(message->handle ^ 0x100, 0U, 1U);)
BREACH(read_index, (void)psa_read(message->handle, PSA_MAX_IOVEC, bytes, 1U);)
BREACH(skip_index, (void)psa_skip(message->handle, PSA_MAX_IOVEC, 1U);)
BREACH(write_index, psa_write(message->handle, PSA_MAX_IOVEC, bytes, 1U);)
BREACH(read_index_far, (void)psa_read(message->handle, UINT32_MAX, bytes, 1U);)
BREACH(read_elsewhere, (void)psa_read(message->handle, 1U, ELSEWHERE, 4U);)
BREACH(write_elsewhere, psa_write(message->handle, 0U, ELSEWHERE, 4U);)
BREACH(write_past, psa_write(message->handle, 0U, bytes, message->out_size[0] + 1U);)
BREACH(write_past_later, psa_write(message->handle, 0U, bytes, message->out_size[0]);
       psa_write(message->handle, 0U, bytes, 1U);)
BREACH(write_missing, psa_write(message->handle, 3U, bytes, 1U);)
BREACH(rhandle_stateless, psa_set_rhandle(message->handle, bytes);)
BREACH(rhandle_unknown, psa_set_rhandle(PSA_NULL_HANDLE, bytes);)
BREACH(map_not_enabled, (void)psa_map_invec(message->handle, 1U);)
BREACH(map_out_not_enabled, (void)psa_map_outvec(message->handle, 0U);)

/* The client gives the handle of a message that it serves itself. */
static int32_t read_theirs(const psa_msg_t *message)
{
    psa_handle_t theirs = PSA_NULL_HANDLE;

    (void)psa_read(message->handle, 1U, &theirs, sizeof(theirs));
    (void)psa_read(theirs, 0U, bytes, 1U);
    return PSA_SUCCESS;
}

static int32_t reply_theirs(const psa_msg_t *message)
{
    psa_handle_t theirs = PSA_NULL_HANDLE;

    (void)psa_read(message->handle, 1U, &theirs, sizeof(theirs));
    psa_reply(theirs, PSA_SUCCESS);
    return PSA_SUCCESS;
}

/* ---- Messages without vectors ---- */
#define TRAP(name, ...)                                                                            \
    static void name##_trap(const psa_msg_t *message)                                              \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
TRAP(read, (void)psa_read(message->handle, 0U, bytes, 1U);)
TRAP(skip, (void)psa_skip(message->handle, 0U, 1U);)
TRAP(write, psa_write(message->handle, 0U, bytes, 0U);)
TRAP(map, (void)psa_map_invec(message->handle, 0U);)
TRAP(status, psa_reply(message->handle, PSA_ERROR_GENERIC_ERROR);)
TRAP(positive, psa_reply(message->handle, 1);)
BREACH(connect_read, server_traps.connect = read_trap;)
BREACH(connect_skip, server_traps.connect = skip_trap;)
BREACH(connect_write, server_traps.connect = write_trap;)
BREACH(connect_map, server_traps.connect = map_trap;)
BREACH(connect_status, server_traps.connect = status_trap;)
BREACH(connect_positive, server_traps.connect = positive_trap;)
BREACH(disconnect_read, server_traps.disconnect = read_trap;)
BREACH(disconnect_skip, server_traps.disconnect = skip_trap;)
BREACH(disconnect_write, server_traps.disconnect = write_trap;)

/* ---- The end ---- */
BREACH(leave, server_traps.leaves = true;)
BREACH(panic, psa_panic();)
BREACH(fault, *(volatile uint32_t *)ELSEWHERE = 0U;)

static int32_t low_stack(const psa_msg_t *message)
{
    (void)message;
    __asm volatile("mov sp, %0\n\tsvc #1" : : "r"(0x383FF000U));
    return PSA_SUCCESS;
}

const struct actor_row server_breaches[] = {
    {"low-stack", low_stack},
    {"wait-nothing", wait_nothing},
    {"wait-nothing-blocked", wait_nothing_blocked},
    {"wait-unassigned", wait_unassigned},
    {"get-nothing", get_nothing},
    {"get-idle", get_idle},
    {"get-two", get_two},
    {"get-unassigned", get_unassigned},
    {"get-doorbell", get_doorbell},
    {"get-elsewhere", get_elsewhere},
    {"clear-idle", clear_idle},
    {"clear-twice", clear_twice},
    {"eoi-nothing", eoi_nothing},
    {"eoi-doorbell", eoi_doorbell},
    {"eoi-service", eoi_service},
    {"irq-enable-service", irq_enable_service},
    {"irq-disable-service", irq_disable_service},
    {"irq-enable-unassigned", irq_enable_unassigned},
    {"reset-service", reset_service},
    {"reset-doorbell", reset_doorbell},
    {"notify-unknown", notify_unknown},
    {"notify-zero", notify_zero},
    {"notify-nonsecure", notify_nonsecure},
    {"notify-sfn", notify_sfn},
    {"reply-null", reply_null},
    {"reply-unknown", reply_unknown},
    {"reply-negative", reply_negative},
    {"reply-twice", reply_twice},
    {"reply-theirs", reply_theirs},
    {"read-theirs", read_theirs},
    {"read-after-reply", read_after_reply},
    {"write-after-reply", write_after_reply},
    {"skip-unknown", skip_unknown},
    {"read-index", read_index},
    {"skip-index", skip_index},
    {"write-index", write_index},
    {"read-index-far", read_index_far},
    {"read-elsewhere", read_elsewhere},
    {"write-elsewhere", write_elsewhere},
    {"write-past", write_past},
    {"write-past-later", write_past_later},
    {"write-missing", write_missing},
    {"rhandle-stateless", rhandle_stateless},
    {"rhandle-unknown", rhandle_unknown},
    {"map-not-enabled", map_not_enabled},
    {"map-out-not-enabled", map_out_not_enabled},
    {"connect-read", connect_read},
    {"connect-skip", connect_skip},
    {"connect-write", connect_write},
    {"connect-map", connect_map},
    {"connect-status", connect_status},
    {"connect-positive", connect_positive},
    {"disconnect-read", disconnect_read},
    {"disconnect-skip", disconnect_skip},
    {"disconnect-write", disconnect_write},
    {"leave", leave},
    {"panic", panic},
    {"fault", fault},
};
const uint32_t server_breach_count = sizeof(server_breaches) / sizeof(server_breaches[0]);
