/*
 * The table of traps: number to function, and who may raise it.
 *
 * Called by entry.S for every SVC of a secure thread. Holds no logic beyond the look-up.
 */
#include "spm/spm.h"

struct trap_row {
    void (*function)(struct spm_frame *frame);
    bool agent_may; /* raised by the gateways too, or by partitions only */
};

static const struct trap_row trap_rows[TRAP_COUNT] = {
    [TRAP_VERSION] = {call_trap_version, true},
    [TRAP_CONNECT] = {call_trap_connect, true},
    [TRAP_CALL] = {call_trap_call, true},
    [TRAP_CLOSE] = {call_trap_close, true},
    [TRAP_RETURN] = {call_trap_return, false},
    [TRAP_READ] = {message_trap_read, false},
    [TRAP_SKIP] = {message_trap_skip, false},
    [TRAP_WRITE] = {message_trap_write, false},
    [TRAP_SET_RHANDLE] = {message_trap_set_rhandle, false},
    [TRAP_PANIC] = {panic_trap, false},
    [TRAP_LIFECYCLE] = {grant_trap_lifecycle, false},
    [TRAP_FLASH_READ] = {grant_trap_flash_read, false},
    [TRAP_FLASH_PROGRAM] = {grant_trap_flash_program, false},
    [TRAP_FLASH_ERASE] = {grant_trap_flash_erase, false},
    [TRAP_TAKE_SECRET] = {grant_trap_take_secret, false},
    [TRAP_READ_HANDOFF] = {grant_trap_read_handoff, false},
    [TRAP_RESET] = {grant_trap_reset, false},
    [TRAP_READ_FAULT] = {grant_trap_read_fault, false},
    [TRAP_CONFIRM] = {fault_trap_confirm, true},
};

/* A partition can move its stack pointer anywhere that it may write: the manager uses frames on its
 * stack only. */
static bool frame_is_good(const struct spm_partition *partition, const struct spm_frame *frame)
{
    return (partition == NULL) || (((uint32_t)frame >= partition->stack_limit) &&
                                   ((uint32_t)(frame + 1) <= partition->stack_top));
}

struct spm_thread *spm_trap(struct spm_frame *frame)
{
    const struct spm_partition *partition = spm_current->partition;
    uint32_t number;

    if (!frame_is_good(partition, frame)) {
        panic_partition(partition, RULE_STACK);
    }
    number = *(const uint8_t *)(frame->pc - 2U); /* the immediate of the SVC instruction */
    spm_current->frame = frame;
    if ((number < TRAP_COUNT) && (trap_rows[number].function != NULL) &&
        (trap_rows[number].agent_may || (partition != NULL))) {
        trap_rows[number].function(frame);
    } else {
        panic_programmer_error(frame, RULE_TRAP);
    }
    return spm_current;
}
