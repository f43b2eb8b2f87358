/*
 * The tables of traps: number to function, one table for each kind of thread.
 *
 * Read by entry.S for every SVC of a secure thread. Holds no logic.
 */
#include "spm/spm.h"

/* Each table refuses what it does not name. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define REFUSED [0 ... TRAP_MAX - 1] = panic_trap_refused

/* What the product has no use for is refused too, and not linked. */
#define IF(used, function) ((used) != 0U ? (function) : panic_trap_refused)

/* What every partition may ask for, as a client, as a server, and as an owner of things. */
#define TRAPS_OF_PARTITIONS                                                                        \
    [TRAP_VERSION] = call_trap_version, [TRAP_CONNECT] = call_trap_connect,                        \
    [TRAP_CALL] = call_trap_call, [TRAP_CLOSE] = call_trap_close, [TRAP_READ] = call_trap_read,    \
    [TRAP_SKIP] = call_trap_skip, [TRAP_WRITE] = call_trap_write,                                  \
    [TRAP_SET_RHANDLE] = IF(SPM_HAS_CONNECTIONS, call_trap_set_rhandle),                           \
    [TRAP_MAP_IN] = IF(SPM_HAS_MM_IOVEC, map_trap_in),                                             \
    [TRAP_UNMAP_IN] = IF(SPM_HAS_MM_IOVEC, map_trap_unmap_in),                                     \
    [TRAP_MAP_OUT] = IF(SPM_HAS_MM_IOVEC, map_trap_out),                                           \
    [TRAP_UNMAP_OUT] = IF(SPM_HAS_MM_IOVEC, map_trap_unmap_out),                                   \
    [TRAP_NOTIFY] = IF(SPM_HAS_IPC, call_trap_notify),                                             \
    [TRAP_IRQ_ENABLE] = IF(SPM_IRQS, interrupt_trap_enable),                                       \
    [TRAP_IRQ_DISABLE] = IF(SPM_IRQS, interrupt_trap_disable),                                     \
    [TRAP_RESET_SIGNAL] = IF(SPM_IRQS, interrupt_trap_reset_signal), [TRAP_PANIC] = panic_trap,    \
    [TRAP_REQUEST] = panic_trap_request, [TRAP_LIFECYCLE] = grant_trap_lifecycle,                  \
    [TRAP_FLASH_READ] = isolate_trap_flash_read,                                                   \
    [TRAP_FLASH_PROGRAM] = isolate_trap_flash_program,                                             \
    [TRAP_FLASH_ERASE] = isolate_trap_flash_erase, [TRAP_TAKE_SECRET] = grant_trap_take_secret,    \
    [TRAP_READ_HANDOFF] = grant_trap_read_handoff, [TRAP_READ_FAULT] = grant_trap_read_fault,      \
    [TRAP_RESET] = grant_trap_reset, [TRAP_HEAP] = IF(SPM_HAS_HEAP, grant_trap_heap)

spm_trap *const spm_traps_of_ipc[TRAP_MAX] = {
    REFUSED,
    TRAPS_OF_PARTITIONS,
    [TRAP_WAIT] = IF(SPM_HAS_IPC, call_trap_wait),
    [TRAP_GET] = IF(SPM_HAS_IPC, call_trap_get),
    [TRAP_REPLY] = IF(SPM_HAS_IPC, call_trap_reply),
    [TRAP_CLEAR] = IF(SPM_HAS_IPC, call_trap_clear),
    [TRAP_EOI] = IF(SPM_IRQS, interrupt_trap_eoi),
};

spm_trap *const spm_traps_of_sfn[TRAP_MAX] = {
    REFUSED,
    TRAPS_OF_PARTITIONS,
    [TRAP_INIT_DONE] = call_trap_init_done,
    [TRAP_NEXT] = call_trap_next,
};

/* What the gateways raise. */
spm_trap *const spm_traps_of_agent[TRAP_MAX] = {
    REFUSED,
    [TRAP_VERSION] = call_trap_version,
    [TRAP_CONNECT] = call_trap_connect,
    [TRAP_CALL] = call_trap_call,
    [TRAP_CLOSE] = call_trap_close,
    [TRAP_CONFIRM] = fault_trap_confirm,
    [TRAP_STARTED] = start_trap_started,
};

/* FF-M 1.1, 4.5: what a first-level handler may do. */
spm_trap *const spm_traps_of_flih[TRAP_MAX] = {
    REFUSED,
    [TRAP_IRQ_ENABLE] = IF(SPM_IRQS, interrupt_trap_enable),
    [TRAP_IRQ_DISABLE] = IF(SPM_IRQS, interrupt_trap_disable),
    [TRAP_RESET_SIGNAL] = IF(SPM_IRQS, interrupt_trap_reset_signal),
    [TRAP_FLIH_RETURN] = IF(SPM_IRQS, interrupt_trap_flih_return),
    [TRAP_PANIC] = panic_trap,
    [TRAP_LIFECYCLE] = grant_trap_lifecycle,
};
