/*
 * A fault of the secure world, or of the non-secure world against it: a record, then a reset.
 *
 * Reached from entry.S with the main stack started afresh: by the fault vectors, and by the gateway
 * through which a handler of the application hands a fault on. What it reads of the faulting world
 * is looked at only after the core says that this world can read it. The record's format is
 * docs/formats/fault.md.
 */
#include "spm/fault.h"

#include <string.h>

#include "layout.h"
#include "lib/log/log.h"
#include "lib/thumb/thumb.h"
#include "platform/armv8m/core.h"
#include "platform/platform.h"

/* EXC_RETURN, ARM DDI 0553, B3.22 */
#define EXC_RETURN_PREFIX           0xFFU /* bits 31..24; something else: handed on */
#define EXC_RETURN_SECURE           (1U << 6)
#define EXC_RETURN_DEFAULT_STACKING (1U << 5)
#define EXC_RETURN_BASIC_FRAME      (1U << 4)
#define EXC_RETURN_THREAD           (1U << 3)
#define EXC_RETURN_PROCESS_STACK    (1U << 2)

#define CALLEE_BYTES      0x28U /* signature, a reserved word, r4 to r11 */
#define CALLEE_LEAD_BYTES 8U
#define EXTENDED_BYTES    0x68U /* frame with s0 to s15, FPSCR and a reserved word */
#define XPSR_ALIGNED      (1U << 9)
#define CFSR_BUS          0xFF00U
#define CFSR_STACKING     (SCB_CFSR_MSTKERR | SCB_CFSR_STKERR)
#define CFSR_EXECUTE      (SCB_CFSR_IACCVIOL | SCB_CFSR_IBUSERR)
#define CFSR_DATA         (SCB_CFSR_DACCVIOL | SCB_CFSR_PRECISERR | SCB_CFSR_UNALIGNED)
#define EXCEPTION_HARD    3U

/* What a fault left behind; on the handler's stack. */
struct fault_scene {
    struct fault_record *record;
    const struct spm_partition *partition; /* at fault; or NULL */
    uint32_t stack;                        /* lowest address of what was stacked */
    uint32_t exc_return;
    uint32_t registers[16]; /* as thumb_decode() wants them; complete if FAULT_FLAG_PC */
    uint32_t cfsr;          /* the bits that this exception is about */
    uint32_t sfsr;
};

_Static_assert(PLATFORM_RETAINED_SIZE + sizeof(struct fault_record) + sizeof(struct fault_streak) <=
                   RETAINED_SIZE,
               "retained memory too small");

static uint32_t fault_depth; /* a fault in here ends without a record */

static struct fault_record *record_locate(void)
{
    return (struct fault_record *)(RETAINED_BASE + PLATFORM_RETAINED_SIZE);
}

static bool scene_is_secure(const struct fault_scene *scene)
{
    return (scene->exc_return & EXC_RETURN_SECURE) != 0U;
}

/* In an unprivileged thread: a partition, or the one behind the gateways. */
static bool scene_is_thread(const struct fault_scene *scene)
{
    return scene_is_secure(scene) && ((scene->exc_return & EXC_RETURN_PROCESS_STACK) != 0U);
}

/* ---- What the processor says ---- */

/* Bits that an exception is about: older ones of others may still stand, in the application's bank
 * above all. */
static void scene_read_status(struct fault_scene *scene)
{
    static const uint32_t cfsr_masks[] = {~0U, 0xFFU, CFSR_BUS, 0xFFFF0000U, 0U};
    struct fault_record *record = scene->record;
    uint32_t row = (uint32_t)record->kind - EXCEPTION_HARD;

    record->cfsr = SCB_CFSR;
    if (!scene_is_secure(scene)) { /* BFSR is not banked, and reads as 0 in the other bank */
        record->cfsr = (record->cfsr & CFSR_BUS) | (ARMV8M_NS(SCB_CFSR_AT) & ~CFSR_BUS);
    }
    record->hfsr = SCB_HFSR;
    record->sfsr = SAU_SFSR;
    if (row < sizeof(cfsr_masks) / sizeof(cfsr_masks[0])) {
        scene->cfsr = record->cfsr & cfsr_masks[row];
        scene->sfsr = ((row == 0U) || (cfsr_masks[row] == 0U)) ? record->sfsr : 0U;
    }
}

/* EXC_RETURN.SPSEL is about the state of the exception, which is secure: for the non-secure world,
 * its own CONTROL says which stack its threads use. given is the main stack, or what a handler of
 * the application said. */
static uint32_t stack_locate(uint32_t exc_return, uint32_t given)
{
    uint32_t address = given;

    if ((exc_return >> 24) != EXC_RETURN_PREFIX) {
        return address;
    }
    if ((exc_return & EXC_RETURN_SECURE) == 0U) {
        __asm volatile("mrs %0, msp_ns" : "=r"(address));
        if (((exc_return & EXC_RETURN_THREAD) != 0U) && core_nonsecure_thread_uses_psp()) {
            __asm volatile("mrs %0, psp_ns" : "=r"(address));
        }
    } else if ((exc_return & EXC_RETURN_PROCESS_STACK) != 0U) {
        __asm volatile("mrs %0, psp" : "=r"(address));
    }
    return address;
}

/* True if the world at fault could itself read the bytes from address to last. */
static bool scene_may_read(const struct fault_scene *scene, uint32_t address, uint32_t last)
{
    uint32_t answers;

    if (!scene_is_secure(scene)) {
        answers = core_test_target_nonsecure(address) & core_test_target_nonsecure(last);
        return (answers & TT_NONSECURE_READ) != 0U;
    }
    answers = scene_is_thread(scene)
                  ? core_test_target_unprivileged(address) & core_test_target_unprivileged(last)
                  : core_test_target(address) & core_test_target(last);
    return (answers & TT_READ) != 0U;
}

/* False where stacking itself failed, or stopped at the stack's limit: no frame was written then.
 */
static bool stack_is_good(const struct fault_scene *scene)
{
    uint32_t limit = 0U;
    uint32_t bytes = sizeof(struct spm_frame);

    if ((scene->exc_return & EXC_RETURN_DEFAULT_STACKING) == 0U) {
        bytes += CALLEE_BYTES;
    }
    if (scene_is_thread(scene)) {
        __asm volatile("mrs %0, psplim" : "=r"(limit));
    }
    return ((scene->record->cfsr & CFSR_STACKING) == 0U) && ((scene->stack & 3U) == 0U) &&
           (scene->stack > limit) && scene_may_read(scene, scene->stack, scene->stack + bytes - 1U);
}

/* The registers of the code at fault, from its stack and from what the handler was entered with. */
static void scene_read_frame(struct fault_scene *scene, const uint32_t *r4_to_r11)
{
    struct fault_record *record = scene->record;
    uint32_t address = scene->stack;
    const struct spm_frame *frame;

    if (!stack_is_good(scene)) {
        return;
    }
    if ((scene->exc_return & EXC_RETURN_DEFAULT_STACKING) == 0U) {
        r4_to_r11 = (const uint32_t *)(address + CALLEE_LEAD_BYTES);
        address += CALLEE_BYTES;
    }
    frame = (const struct spm_frame *)address;
    (void)memcpy(&scene->registers[0], frame, 4U * sizeof(uint32_t));
    (void)memcpy(&scene->registers[4], r4_to_r11, 8U * sizeof(uint32_t));
    (void)memcpy(&scene->registers[12], &frame->r12, sizeof(uint32_t));
    record->pc = frame->pc;
    record->lr = frame->lr;
    record->xpsr = frame->xpsr;
    record->sp = address +
                 (((scene->exc_return & EXC_RETURN_BASIC_FRAME) != 0U) ? sizeof(struct spm_frame)
                                                                       : EXTENDED_BYTES) +
                 (((frame->xpsr & XPSR_ALIGNED) != 0U) ? 4U : 0U);
    scene->registers[13] = record->sp;
    scene->registers[14] = record->lr;
    scene->registers[15] = record->pc;
    record->flags |= FAULT_FLAG_PC;
}

/* ---- What the code tried ---- */

static void address_set(struct fault_record *record, uint32_t address)
{
    record->address = address;
    record->flags |= FAULT_FLAG_ADDRESS;
}

/* The load or store at the stacked address, if the code is there to be read. */
static void access_decode(struct fault_scene *scene)
{
    struct fault_record *record = scene->record;
    const volatile uint16_t *code = (const volatile uint16_t *)(record->pc & ~1U);
    uint32_t second = 0U;
    struct thumb_access access;

    if (((record->flags & FAULT_FLAG_PC) == 0U) ||
        !scene_may_read(scene, record->pc & ~1U, record->pc | 1U)) {
        return;
    }
    if (thumb_is_wide(code[0])) {
        if (!scene_may_read(scene, (uint32_t)&code[1], (record->pc | 1U) + 2U)) {
            return;
        }
        second = code[1];
    }
    access = thumb_decode(code[0], second, scene->registers);
    if (access.kind != THUMB_OTHER) {
        record->access = access.kind; /* the same numbers */
        record->access_size = access.size_bytes;
        address_set(record, access.address);
    }
}

_Static_assert(((int)THUMB_READ == (int)FAULT_ACCESS_READ) &&
                   ((int)THUMB_WRITE == (int)FAULT_ACCESS_WRITE),
               "access_decode() copies the kind");

/* The address registers, where they hold something: they know better than the first address of a
 * long access. */
static void address_read(struct fault_scene *scene)
{
    struct fault_record *record = scene->record;

    if ((scene->cfsr & SCB_CFSR_MMARVALID) != 0U) {
        address_set(record, scene_is_secure(scene) ? SCB_MMFAR : ARMV8M_NS(SCB_MMFAR_AT));
    } else if ((scene->cfsr & SCB_CFSR_BFARVALID) != 0U) {
        address_set(record, SCB_BFAR);
    } else if ((scene->sfsr & SAU_SFSR_SFARVALID) != 0U) {
        address_set(record, SAU_SFAR);
    }
}

static void access_find(struct fault_scene *scene)
{
    struct fault_record *record = scene->record;

    if (((scene->sfsr & SAU_SFSR_INVEP) != 0U) || ((scene->cfsr & CFSR_EXECUTE) != 0U)) {
        record->access =
            ((scene->sfsr & SAU_SFSR_INVEP) != 0U) ? FAULT_ACCESS_CALL : FAULT_ACCESS_EXECUTE;
        if ((record->flags & FAULT_FLAG_PC) != 0U) { /* it got as far as the target */
            address_set(record, record->pc);
        }
    } else if (((scene->cfsr & CFSR_DATA) != 0U) || ((scene->sfsr & SAU_SFSR_AUVIOL) != 0U)) {
        access_decode(scene);
        address_read(scene);
    } else if ((scene->cfsr & SCB_CFSR_IMPRECISERR) == 0U) {
        record->access = FAULT_ACCESS_OTHER;
    }
}

/* ---- The way from the handler to the reset ---- */

static void scene_find_world(struct fault_scene *scene)
{
    struct fault_record *record = scene->record;

    record->world = FAULT_WORLD_MANAGER;
    if (!scene_is_secure(scene)) {
        record->world = FAULT_WORLD_NONSECURE;
    } else if (scene_is_thread(scene)) {
        scene->partition = spm_state.current->partition;
        record->world = (scene->partition != NULL) ? FAULT_WORLD_PARTITION : FAULT_WORLD_GATEWAY;
        record->partition = (scene->partition != NULL) ? scene->partition->id : 0;
    }
}

/* FP registers that the partition has left: nobody may see them. s0 to s31 and FPSCR. */
static void floats_clear(void)
{
    static const uint32_t zeros[32];

    FPU_FPCCR &= ~FPU_FPCCR_LSPACT; /* not stacked any more */
    if (FPU_MVFR0 != 0U) {
        __asm volatile("mov r0, %0\n\t.inst.w 0xEC900A20\n\tmovs r0, #0\n\t.inst.w 0xEEE10A10"
                       :
                       : "r"(zeros)
                       : "r0", "memory"); /* vldmia r0, {s0-s31}; vmsr fpscr, r0 */
    }
}

/* What is said to be at fault stays so until somebody says otherwise. A trap whose stacking failed
 * would be taken yet, in the name of whoever runs next. */
static void status_clear(void)
{
    SCB_CFSR = SCB_CFSR;
    SCB_HFSR = SCB_HFSR;
    SAU_SFSR = SAU_SFSR;
    SCB_SHCSR &= ~SCB_SHCSR_PENDED;
    floats_clear();
}

struct spm_thread *spm_fault(uint32_t exc_return, uint32_t stack, const uint32_t *r4_to_r11)
{
    struct fault_record *record = record_locate();
    struct fault_scene scene = {.record = record, .exc_return = exc_return};

    if (fault_depth++ != 0U) {
        platform_reset(PLATFORM_RESET_FAULT);
    }
    fault_record_open(record);
    record->kind = (uint8_t)(SCB_ICSR & SCB_ICSR_VECTACTIVE);
    record->exc_return = exc_return;
    if ((exc_return >> 24) != EXC_RETURN_PREFIX) {
        record->flags |= FAULT_FLAG_HANDED_ON;
    }
    scene.stack = stack_locate(exc_return, stack);
    scene_find_world(&scene);
    scene_read_status(&scene);
    scene_read_frame(&scene, r4_to_r11);
    access_find(&scene);
    fault_tell(record, scene.partition, scene.cfsr, scene.sfsr);
    fault_record_seal(record);
    fault_record_print(record, "spm: fault: ");
    if (scene.partition != NULL) {
        status_clear();
        fault_depth = 0U;
        panic_after_fault(spm_state.current);
    }
    log_text("spm: resetting\n");
    platform_reset(PLATFORM_RESET_FAULT);
}

void fault_record_panic(const struct spm_thread *thread, enum spm_rule rule, const char *text)
{
    struct fault_record *record = record_locate();
    const struct spm_frame *frame;

    fault_record_open(record);
    record->kind = FAULT_KIND_PANIC;
    record->world = FAULT_WORLD_PARTITION;
    record->partition = thread->partition->id;
    record->rule = (uint16_t)rule;
    record->access = FAULT_ACCESS_OTHER;
    if (spm_state.current == thread) { /* of the trap that it raised */
        __asm volatile("mrs %0, psp" : "=r"(frame));
        record->pc = frame->pc;
        record->lr = frame->lr;
        record->sp = (uint32_t)(frame + 1);
        record->xpsr = frame->xpsr;
        record->flags = FAULT_FLAG_PC;
    }
    fault_tell_panic(record, thread->partition, rule, text);
    fault_record_seal(record);
    fault_record_print(record, "spm: ");
}

struct spm_thread *fault_trap_confirm(struct spm_frame *frame, struct spm_thread *thread)
{
    fault_streak_write((struct fault_streak *)(record_locate() + 1), 0U);
    frame->r0 = (uint32_t)PSA_SUCCESS;
    return thread;
}
