/*
 * Counts what an emulated board executes: a TCG plugin of QEMU, made and loaded by `./bz bench`.
 *
 * Reads a file of requests (`config=`), writes one line for each event (`out=`), flushed at once,
 * because the emulator is killed in the end. The host knows symbols; here are only addresses. It
 * never changes what the guest does.
 *
 *   config   point ADDRESS             tell when the instruction there is about to be executed
 *            program ADDRESS           a function whose stores to the flash are programming
 *            erase ADDRESS             a function that erases one sector
 *            flash BASE SIZE
 *            profile BEGIN END VISIT   count by address, from that visit of one point to the other
 *            watch ADDRESS             follow the interrupt masks from there on:
 *            enter ADDRESS             a secure exception begins there, masked
 *            leave ADDRESS             the instruction that returns from it
 *            lowered ADDRESS           from here on non-secure interrupts preempt it,
 *            raised ADDRESS            and from here on they do not
 *            priority ADDRESS          the byte of the register that says so
 *            disable ADDRESS           CPSID i; enable ADDRESS: CPSIE i; restore ADDRESS: MSR PRIMASK
 *   out      point ADDRESS INSTRUCTIONS ERASES PROGRAMMED_BYTES
 *            at ADDRESS EXECUTIONS     of the profile
 *            masked INSTRUCTIONS       a run with interrupts masked that is longer than any before
 *            in ADDRESS                one line for each instruction of that run, in order
 *            store ADDRESS             behind an instruction that wrote the priority, once
 *
 * All numbers in the files are hexadecimal. Debian ships no header for plugins, so the functions of
 * QEMU that are used are declared here; they are the same in all versions of the interface.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_API
#error "build with -DPLUGIN_API=1 for QEMU up to 8, 2 for later ones (tools/bz/bench.py)"
#endif

/* ---- QEMU's interface ---- */

#define PUBLIC           __attribute__((visibility("default")))
#define CALLBACK_NO_REGS 0
#define MEMORY_WRITES    2

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t plugin_id;
typedef void (*translate_callback)(plugin_id id, struct qemu_plugin_tb *block);
typedef void (*execute_callback)(unsigned int processor, void *data);
typedef void (*memory_callback)(unsigned int processor, uint32_t info, uint64_t address,
                                void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, translate_callback callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            execute_callback callback, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
                                      memory_callback callback, int flags, int which, void *data);
unsigned int qemu_plugin_mem_size_shift(uint32_t info);
bool qemu_plugin_mem_is_store(uint32_t info);

PUBLIC extern int qemu_plugin_version;
PUBLIC int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments);

int qemu_plugin_version = PLUGIN_API;

/* ---- What is known of each address that was translated ---- */

enum kind { KIND_PLAIN, KIND_POINT, KIND_PROGRAM, KIND_ERASE };

/* What an instruction means for the interrupt masks. Before it is executed: */
#define MASK_ENTER   1U
#define MASK_LOWERED 2U
#define MASK_RAISED  4U
/* after it: */
#define MASK_LEAVE   8U
#define MASK_DISABLE 16U /* CPSID i */
#define MASK_ENABLE  32U /* CPSIE i */
#define MASK_RESTORE 64U /* MSR PRIMASK: what was before the last CPSID i */

struct place {
    uint64_t address;
    uint64_t executions; /* while profiling */
    uint32_t visits;     /* of a point */
    enum kind kind;
    uint8_t mask; /* MASK_ bits */
    uint8_t bytes;
    bool stores_priority;
    bool used;
};

#define PLACES (1U << 18) /* a power of two; far more than the instructions of all images */

static struct place places[PLACES];
static uint32_t places_used;
static FILE *out;
static uint64_t instructions;
static uint64_t erases;
static uint64_t programmed_bytes;
static uint64_t flash_base;
static uint64_t flash_size;
static uint64_t profile_begin;
static uint64_t profile_end;
static uint64_t profile_visit;
static bool is_programming;
static bool is_profiling;

/* ---- The interrupt masks ---- */

#define EXCEPTIONS_MAX 8U         /* nested; more than there are priorities in use */
#define RUN_MAX        (1U << 16) /* instructions that are kept of one run */

static uint64_t watch_from;
static uint64_t priority_byte;
static bool is_watching;
static bool is_leaving;                               /* the last instruction returned */
static bool exception_is_masked[EXCEPTIONS_MAX + 1U]; /* [0]: no exception, never masked */
static uint32_t exceptions;
static uint32_t disabled; /* CPSID i that were not undone */
static uint64_t run[RUN_MAX];
static uint64_t run_length;
static uint64_t run_longest;

static struct place *place_of(uint64_t address)
{
    uint32_t slot = (uint32_t)((address >> 1) * 0x9E3779B1U) & (PLACES - 1U);

    while (places[slot].used && (places[slot].address != address)) {
        slot = (slot + 1U) & (PLACES - 1U);
    }
    if (!places[slot].used) {
        if (++places_used == PLACES) {
            fprintf(stderr, "count: more than %u instructions translated\n", PLACES);
            exit(1);
        }
        places[slot].used = true;
        places[slot].address = address;
    }
    return &places[slot];
}

/* ---- Events ---- */

static void profile_write(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        if (places[i].executions != 0U) {
            fprintf(out, "at %" PRIx64 " %" PRIx64 "\n", places[i].address, places[i].executions);
        }
    }
}

static void point_visit(struct place *place)
{
    place->visits++;
    if ((place->address == profile_end) && is_profiling) {
        is_profiling = false;
        profile_write();
    }
    if ((place->address == profile_begin) && (place->visits == profile_visit)) {
        is_profiling = true;
    }
    fprintf(out, "point %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", place->address,
            instructions, erases, programmed_bytes);
    fflush(out);
}

static void run_end(void)
{
    if (run_length > run_longest) {
        run_longest = run_length;
        fprintf(out, "masked %" PRIx64 "\n", run_length);
        for (uint64_t i = 0; (i < run_length) && (i < RUN_MAX); i++) {
            fprintf(out, "in %" PRIx64 "\n", run[i]);
        }
        fflush(out);
    }
    run_length = 0;
}

static void exception_enter(void)
{
    if (exceptions == EXCEPTIONS_MAX) {
        fprintf(stderr, "count: %u secure exceptions began and none ended\n", exceptions);
        exit(1);
    }
    exception_is_masked[++exceptions] = true;
}

/* A run goes on where one exception follows another without an instruction in between. */
static void mask_before(const struct place *place)
{
    if (is_leaving && (exceptions > 0U)) {
        exceptions--;
    }
    is_leaving = false;
    if ((place->mask & MASK_ENTER) != 0U) {
        exception_enter();
    } else if ((exceptions > 0U) && ((place->mask & (MASK_LOWERED | MASK_RAISED)) != 0U)) {
        exception_is_masked[exceptions] = (place->mask & MASK_RAISED) != 0U;
    }
    if (!exception_is_masked[exceptions] && (disabled == 0U)) {
        run_end();
        return;
    }
    if (run_length < RUN_MAX) {
        run[run_length] = place->address;
    }
    run_length++;
}

/* Threads are unprivileged, so CPS means nothing outside exceptions. */
static void mask_after(const struct place *place)
{
    is_leaving = (place->mask & MASK_LEAVE) != 0U;
    if (exceptions == 0U) {
        return;
    }
    if ((place->mask & MASK_DISABLE) != 0U) {
        disabled++;
    } else if ((place->mask & MASK_ENABLE) != 0U) {
        disabled = 0;
    } else if (((place->mask & MASK_RESTORE) != 0U) && (disabled > 0U)) {
        disabled--;
    }
}

static void on_execute(unsigned int processor, void *data)
{
    struct place *place = data;

    (void)processor;
    if (place->address == watch_from) {
        is_watching = true;
    }
    if (is_watching) {
        mask_before(place);
        mask_after(place);
    }
    switch (place->kind) {
    case KIND_POINT:
        point_visit(place);
        break;
    case KIND_PROGRAM:
        is_programming = true;
        break;
    case KIND_ERASE:
        is_programming = false;
        erases++;
        break;
    case KIND_PLAIN:
    default:
        break;
    }
    instructions++;
    if (is_profiling) {
        place->executions++;
    }
}

static void on_store(unsigned int processor, uint32_t info, uint64_t address, void *data)
{
    struct place *place = data;
    uint64_t size = UINT64_C(1) << qemu_plugin_mem_size_shift(info);

    (void)processor;
    if (!qemu_plugin_mem_is_store(info)) {
        return;
    }
    if (is_programming && (address - flash_base < flash_size)) {
        programmed_bytes += size;
    }
    if (is_watching && (priority_byte - address < size) && !place->stores_priority) {
        place->stores_priority = true;
        fprintf(out, "store %" PRIx64 "\n", place->address + place->bytes);
        fflush(out);
    }
}

static void on_translate(plugin_id id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);

    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        struct place *place = place_of(qemu_plugin_insn_vaddr(instruction));

        place->bytes = (uint8_t)qemu_plugin_insn_size(instruction);
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_execute, CALLBACK_NO_REGS, place);
        qemu_plugin_register_vcpu_mem_cb(instruction, on_store, CALLBACK_NO_REGS, MEMORY_WRITES,
                                         place);
    }
}

/* ---- Start ---- */

/* What an instruction means for the interrupt masks, by the word of a request. */
static const struct {
    const char *word;
    uint8_t mask;
} mask_words[] = {
    {"enter", MASK_ENTER},     {"lowered", MASK_LOWERED}, {"raised", MASK_RAISED},
    {"leave", MASK_LEAVE},     {"disable", MASK_DISABLE}, {"enable", MASK_ENABLE},
    {"restore", MASK_RESTORE},
};

static bool mask_request_take(const char *word, uint64_t address)
{
    for (size_t i = 0; i < sizeof(mask_words) / sizeof(mask_words[0]); i++) {
        if (strcmp(word, mask_words[i].word) == 0) {
            place_of(address)->mask |= mask_words[i].mask;
            return true;
        }
    }
    return false;
}

static bool request_take(const char *word, uint64_t first, uint64_t second, uint64_t third)
{
    if (strcmp(word, "point") == 0) {
        place_of(first)->kind = KIND_POINT;
    } else if (strcmp(word, "program") == 0) {
        place_of(first)->kind = KIND_PROGRAM;
    } else if (strcmp(word, "erase") == 0) {
        place_of(first)->kind = KIND_ERASE;
    } else if (strcmp(word, "flash") == 0) {
        flash_base = first;
        flash_size = second;
    } else if (strcmp(word, "profile") == 0) {
        profile_begin = first;
        profile_end = second;
        profile_visit = third;
    } else if (strcmp(word, "watch") == 0) {
        watch_from = first;
    } else if (strcmp(word, "priority") == 0) {
        priority_byte = first;
    } else {
        return mask_request_take(word, first);
    }
    return true;
}

static bool requests_read(const char *name)
{
    FILE *file = fopen(name, "r");
    char line[128];
    char word[16];
    bool good = file != NULL;

    while (good && (fgets(line, sizeof(line), file) != NULL)) {
        uint64_t first = 0;
        uint64_t second = 0;
        uint64_t third = 0;
        int found =
            sscanf(line, "%15s %" SCNx64 " %" SCNx64 " %" SCNx64, word, &first, &second, &third);

        good = (found >= 2) && request_take(word, first, second, third);
    }
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++) {
        if (strncmp(arguments[i], "out=", 4) == 0) {
            out = fopen(arguments[i] + 4, "w");
        } else if ((strncmp(arguments[i], "config=", 7) != 0) || !requests_read(arguments[i] + 7)) {
            fprintf(stderr, "count: cannot use %s\n", arguments[i]);
            return -1;
        }
    }
    if (out == NULL) {
        fprintf(stderr, "count: no out= file\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
